//! References in Terraform's template strings.

/// A piece of a template string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text, and the parts of expressions that are no reference.
    Text(&'a str),
    /// A reference with its steps: `aws_instance.cpu`, then `["a"]` and `.id` as `a`, `id`.
    Reference(Vec<Step<'a>>),
    /// A file beside the configuration, by its path.
    File(&'a str),
}

/// A step of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// `.name`
    Name(&'a str),
    /// `["key"]`
    Key(&'a str),
    /// `[0]`, `[*]`
    Index(&'a str),
    /// `[each.key]`
    EachKey,
}

const MODULE: &str = "path.module}/";

/// Takes a string apart. Text outside `${…}` is text, whatever it holds.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut start, mut at, mut depth) = (0, 0, 0usize);
    let byte = |i: usize| text.as_bytes().get(i).copied().unwrap_or(0);
    while at < text.len() {
        if depth == 0 {
            if byte(at) == b'$' && byte(at + 1) == b'{' && (at == 0 || byte(at - 1) != b'$') {
                depth = 1;
                at += 2;
            } else {
                at += 1;
            }
            continue;
        }
        if let Some(rest) = text.get(at..).and_then(|rest| rest.strip_prefix(MODULE)) {
            let end = rest.find(['"', '\\']).unwrap_or(rest.len());
            push_text(&mut pieces, text.get(start..at));
            pieces.push(Piece::File(rest.get(..end).unwrap_or_default()));
            at += MODULE.len() + end;
            start = at;
            continue;
        }
        match byte(at) {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            // A literal inside an expression; templates in it are expressions again.
            b'"' => {
                let mut end = at + 1;
                while end < text.len() && byte(end) != b'"' && !(byte(end) == b'$' && byte(end + 1) == b'{') {
                    end += if byte(end) == b'\\' { 2 } else { 1 };
                }
                at = end;
                if byte(at) == b'$' {
                    depth += 1;
                    at += 2;
                } else {
                    at += 1;
                }
                continue;
            }
            c if c.is_ascii_alphabetic() || c == b'_' => {
                let (steps, end) = reference(text, at);
                if is_reference(&steps) {
                    push_text(&mut pieces, text.get(start..at));
                    pieces.push(Piece::Reference(steps));
                    start = end;
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    push_text(&mut pieces, text.get(start..));
    pieces
}

fn push_text<'a>(pieces: &mut Vec<Piece<'a>>, text: Option<&'a str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        pieces.push(Piece::Text(text));
    }
}

/// A dotted name with its indexes, from a letter on, and the place behind it.
fn reference(text: &str, from: usize) -> (Vec<Step<'_>>, usize) {
    let name = |start: usize| {
        let rest = text.get(start..).unwrap_or_default();
        rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
            .map_or(text.len(), |length| start + length)
    };
    let mut end = name(from);
    let mut steps = vec![Step::Name(text.get(from..end).unwrap_or_default())];
    loop {
        let rest = text.get(end..).unwrap_or_default();
        if rest.starts_with('.')
            && rest.get(1..2).is_some_and(|c| c.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
        {
            let next = name(end + 1);
            steps.push(Step::Name(text.get(end + 1..next).unwrap_or_default()));
            end = next;
        } else if let Some(inside) = rest.strip_prefix('[') {
            let Some(length) = inside.find(']') else { break };
            let index = inside.get(..length).unwrap_or_default();
            steps.push(match index.strip_prefix('"').and_then(|key| key.strip_suffix('"')) {
                Some(key) => Step::Key(key),
                None if index == "each.key" => Step::EachKey,
                None => Step::Index(index),
            });
            end += length + 2;
        } else {
            break;
        }
    }
    (steps, end)
}

fn is_reference(steps: &[Step<'_>]) -> bool {
    match steps.first() {
        Some(Step::Name("local" | "data" | "each")) => steps.len() > 1,
        Some(Step::Name(first)) => first.starts_with("aws_") && steps.len() > 1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_where_expressions_are() {
        let text = "arn:${data.aws_x.y.id}/local.z/${merge(local.a, { b = aws_i.c[\"k\"].id })}";
        let found: Vec<Piece<'_>> =
            pieces(text).into_iter().filter(|piece| matches!(piece, Piece::Reference(_))).collect();
        let name = Step::Name;
        assert_eq!(
            found,
            [
                Piece::Reference(vec![name("data"), name("aws_x"), name("y"), name("id")]),
                Piece::Reference(vec![name("local"), name("a")]),
                Piece::Reference(vec![name("aws_i"), name("c"), Step::Key("k"), name("id")]),
            ]
        );
    }

    #[test]
    fn files_are_found() {
        let text = "${file(\"${path.module}/cloud-init/agent.sh\")}";
        assert!(pieces(text).contains(&Piece::File("cloud-init/agent.sh")), "{:?}", pieces(text));
    }
}
