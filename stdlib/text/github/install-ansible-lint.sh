pip install -r .github/requirements.txt
ansible-galaxy collection install -r requirements.yml
