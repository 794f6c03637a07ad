for template in images/*.pkr.json; do
  [ "$template" = images/plugins.pkr.json ] || packer validate "$template"
done
