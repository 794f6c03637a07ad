//! `#[derive(Node)]`: a struct of the fleet language becomes its declaration as data.
//!
//! In: a struct whose fields carry doc comments and `#[node(…)]` attributes. Out: `impl Node`, that is a
//! constant [`Declaration`] which the decoder, the manual and the editor read, and `from_record`, which
//! takes the fields out of a decoded record. The macro writes lines; the logic stands in `compiler/schema`.
//!
//! Struct attributes: `kind = "pool"`, `exactly_one = "a b c"`, `at_most_one = "a b"`.
//! Field attributes: `argument`, `arguments`, `property`, `properties`, `nodes` (none: a child node), `name = "kebab-name"`,
//! `default = "text"`, `without = "field"` (no meaning where that field is given), `at_least = "text"`, `at_most = "text"`, `min_items = 1`, `span` (the node's own span).

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Error, Expr, ExprLit, Field, Fields, Lit, LitInt, LitStr, Meta};

/// Derives `Node`; see the crate's documentation.
#[proc_macro_derive(Node, attributes(node))]
pub fn derive_node(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}

fn expand(input: &DeriveInput) -> Result<Tokens, Error> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "Node is derived for structs"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(&input.ident, "Node needs named fields"));
    };
    let ident = &input.ident;
    let doc = doc_of(&input.attrs);
    if doc.is_empty() {
        return Err(Error::new_spanned(ident, "a node needs a doc comment: it is its manual entry"));
    }
    let mut kind = None;
    let mut exclusive = Vec::new();
    each_attribute(&input.attrs, |meta| {
        if meta.path.is_ident("kind") {
            kind = Some(meta.value()?.parse::<LitStr>()?);
        } else if meta.path.is_ident("exactly_one") || meta.path.is_ident("at_most_one") {
            let required = meta.path.is_ident("exactly_one");
            let names: LitStr = meta.value()?.parse()?;
            let list: Vec<String> = names.value().split_whitespace().map(String::from).collect();
            exclusive.push(quote! { crate::schema::Exclusive { fields: &[#(#list),*], required: #required } });
        } else {
            return Err(meta.error("unknown attribute of a node"));
        }
        Ok(())
    })?;
    let kind = kind.ok_or_else(|| Error::new_spanned(ident, "name the kind: #[node(kind = \"…\")]"))?;

    let mut declared = Vec::new();
    let mut takes = Vec::new();
    let mut builds = Vec::new();
    for field in &fields.named {
        let parts = FieldParts::read(field)?;
        let name = &parts.ident;
        if parts.span {
            builds.push(quote! { #name: record.node });
            continue;
        }
        let index = declared.len();
        let local = format_ident!("taken_{}", name);
        let ty = &field.ty;
        declared.push(parts.declare(ty));
        takes.push(quote! {
            let #local = <#ty as crate::schema::FieldType>::take(
                record, const { &<Self as crate::schema::Node>::DECLARATION.fields[#index] }, finish);
        });
        builds.push(quote! { #name: #local? });
    }
    Ok(quote! {
        impl crate::schema::Node for #ident {
            const KIND: &'static str = #kind;
            const DECLARATION: crate::schema::Declaration = crate::schema::Declaration {
                kind: #kind,
                doc: #doc,
                fields: &[#(#declared),*],
                exclusive: &[#(#exclusive),*],
            };
            fn from_record(record: &crate::schema::Record, finish: &mut crate::schema::Finish<'_>) -> Option<Self> {
                #(#takes)*
                Some(Self { #(#builds),* })
            }
        }
        impl crate::schema::FieldType for #ident {
            const SHAPE: crate::schema::Shape = crate::schema::Shape::Group(&<#ident as crate::schema::Node>::DECLARATION);
            const REQUIRED: bool = false;
            const ALWAYS: bool = true;
            fn take(record: &crate::schema::Record, field: &'static crate::schema::Field, finish: &mut crate::schema::Finish<'_>) -> Option<Self> {
                crate::schema::take_group(record, field, finish)
            }
        }
        impl crate::schema::FieldType for Option<#ident> {
            const SHAPE: crate::schema::Shape = crate::schema::Shape::Group(&<#ident as crate::schema::Node>::DECLARATION);
            const REQUIRED: bool = false;
            fn take(record: &crate::schema::Record, field: &'static crate::schema::Field, finish: &mut crate::schema::Finish<'_>) -> Option<Self> {
                crate::schema::take_optional_group(record, field, finish)
            }
        }
        impl crate::schema::FieldType for Vec<#ident> {
            const SHAPE: crate::schema::Shape = crate::schema::Shape::Each { declaration: &<#ident as crate::schema::Node>::DECLARATION, keyed: false };
            const REQUIRED: bool = false;
            fn take(record: &crate::schema::Record, field: &'static crate::schema::Field, finish: &mut crate::schema::Finish<'_>) -> Option<Self> {
                crate::schema::take_each(record, field, finish)
            }
        }
    })
}

struct FieldParts {
    ident: syn::Ident,
    name: String,
    doc: String,
    place: Tokens,
    default: Option<LitStr>,
    without: Option<LitStr>,
    at_least: Option<LitStr>,
    at_most: Option<LitStr>,
    min_items: usize,
    span: bool,
}

impl FieldParts {
    fn read(field: &Field) -> Result<Self, Error> {
        let ident = field.ident.clone().ok_or_else(|| Error::new_spanned(field, "a field needs a name"))?;
        let mut parts = Self {
            name: ident.to_string().trim_start_matches("r#").replace('_', "-"),
            ident,
            doc: doc_of(&field.attrs),
            place: quote! { crate::schema::Place::Child },
            default: None,
            without: None,
            at_least: None,
            at_most: None,
            min_items: 0,
            span: false,
        };
        each_attribute(&field.attrs, |meta| {
            let path = &meta.path;
            if path.is_ident("argument") {
                parts.place = quote! { crate::schema::Place::Argument };
            } else if path.is_ident("arguments") {
                parts.place = quote! { crate::schema::Place::Arguments };
            } else if path.is_ident("nodes") {
                parts.place = quote! { crate::schema::Place::Nodes };
            } else if path.is_ident("properties") {
                parts.place = quote! { crate::schema::Place::Properties };
            } else if path.is_ident("property") {
                parts.place = quote! { crate::schema::Place::Property };
            } else if path.is_ident("span") {
                parts.span = true;
            } else if path.is_ident("name") {
                parts.name = meta.value()?.parse::<LitStr>()?.value();
            } else if path.is_ident("default") {
                parts.default = Some(meta.value()?.parse()?);
            } else if path.is_ident("without") {
                parts.without = Some(meta.value()?.parse()?);
            } else if path.is_ident("at_least") {
                parts.at_least = Some(meta.value()?.parse()?);
            } else if path.is_ident("at_most") {
                parts.at_most = Some(meta.value()?.parse()?);
            } else if path.is_ident("min_items") {
                parts.min_items = meta.value()?.parse::<LitInt>()?.base10_parse()?;
            } else {
                return Err(meta.error("unknown attribute of a field"));
            }
            Ok(())
        })?;
        if parts.doc.is_empty() && !parts.span {
            return Err(Error::new_spanned(field, "a field needs a doc comment: it is its manual entry"));
        }
        Ok(parts)
    }

    fn declare(&self, ty: &syn::Type) -> Tokens {
        let Self { name, doc, place, min_items, .. } = self;
        let default = option(&self.default);
        let without = option(&self.without);
        let at_least = option(&self.at_least);
        let at_most = option(&self.at_most);
        let has_default = self.default.is_some();
        quote! {
            crate::schema::Field {
                name: #name,
                doc: #doc,
                place: #place,
                shape: <#ty as crate::schema::FieldType>::SHAPE,
                required: (<#ty as crate::schema::FieldType>::REQUIRED && !#has_default) || #min_items > 0,
                always: <#ty as crate::schema::FieldType>::ALWAYS,
                default: #default,
                without: #without,
                at_least: #at_least,
                at_most: #at_most,
                min_items: #min_items,
            }
        }
    }
}

fn option(value: &Option<LitStr>) -> Tokens {
    match value {
        Some(text) => quote! { Some(#text) },
        None => quote! { None },
    }
}

fn each_attribute(
    attributes: &[Attribute],
    mut visit: impl FnMut(syn::meta::ParseNestedMeta) -> Result<(), Error>,
) -> Result<(), Error> {
    for attribute in attributes.iter().filter(|a| a.path().is_ident("node")) {
        attribute.parse_nested_meta(&mut visit)?;
    }
    Ok(())
}

/// The doc comment as one text: lines joined, paragraphs kept.
fn doc_of(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes.iter().filter(|a| a.path().is_ident("doc")) {
        if let Meta::NameValue(pair) = &attribute.meta
            && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value
        {
            lines.push(text.value().trim().to_string());
        }
    }
    lines.join("\n").split("\n\n").map(|p| p.replace('\n', " ")).collect::<Vec<_>>().join("\n\n").trim().to_string()
}
