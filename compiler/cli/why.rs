//! `tvmci why`

use clap::Args;
use serde_json::json;
use tvmci::output::{Output, REPOSITORIES};
use tvmci::source::{Location, Sources};
use tvmci::sourcemap::{Place, SourceMap};

use super::Verdict;
use super::console::{Console, Failure, Report};
use super::fleet::{Choice, Disk};

const EXAMPLES: &str = "\
Examples:
  tvmci why out/tvm-ci-terraform/pool-cpu.tf.json:12
  tvmci why pool-cpu.tf.json '#/resource/aws_autoscaling_group'
  tvmci why tvm-ci-ansible/casc/clouds.yaml --env staging";

/// Say which line of the fleet caused a generated line.
#[derive(Args)]
#[command(before_help = EXAMPLES)]
pub struct Arguments {
    /// The generated file, with `:LINE` or `#/json/pointer` behind it; its name alone will do where it is the only one.
    #[arg(value_name = "FILE[:LINE|#POINTER]")]
    place: String,
    #[command(flatten)]
    choice: Choice,
}

/// Compiles the fleet and looks the place up.
pub fn run(arguments: &Arguments, console: &Console) -> Result<Verdict, Failure> {
    let path = arguments.choice.path(console)?;
    let library = console.library()?;
    let compilation = tvmci::compile(&Disk::default(), &path, &library, arguments.choice.env.as_deref());
    let (Some(output), Some(documents)) = (&compilation.output, &compilation.documents) else {
        let report =
            Report { title: String::new(), diagnostics: compilation.diagnostics, sources: compilation.sources };
        console.report(std::slice::from_ref(&report), Vec::new())?;
        return Ok(report.verdict().max(Verdict::Found));
    };
    let map = SourceMap::new(documents, output);
    console.lap("mapped");
    let wanted = Wanted::read(&arguments.place)?;
    let file = find(wanted.file, output)?;
    let text =
        output.files.get(&file).map(|file| String::from_utf8_lossy(&file.bytes).into_owned()).unwrap_or_default();
    let lines = text.lines().count();
    let place = match wanted.spot {
        Spot::Line(line) if line == 0 || line > lines => {
            return Err(Failure::usage(format!("{file} has {lines} lines, none is number {line}")));
        }
        Spot::Line(line) => map.at_line(&file, line),
        Spot::Pointer(pointer) => map.at_pointer(&file, pointer),
        Spot::File => map.at_line(&file, 1),
    };
    let Some(place) = place else {
        return Err(Failure::usage(format!("nothing is known about {file}")));
    };
    let line = match wanted.spot {
        Spot::Line(line) => line,
        _ => place.line,
    };
    let origin = compilation.sources.locate(place.origin.span);
    if console.is_human() {
        let generated = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        console.result(&answer(&file, line, generated, place, origin.as_ref(), &compilation.sources))?;
    } else {
        let origin = origin.map(|at| {
            json!({ "file": at.file, "line": at.line, "column": at.column, "endLine": at.end_line, "endColumn": at.end_column })
        });
        console.json(&json!({
            "version": 1, "file": file, "line": line, "pointer": place.pointer,
            "origin": origin, "byDefault": place.origin.by_default,
        }))?;
    }
    Ok(Verdict::Fine)
}

/// What is asked for.
struct Wanted<'a> {
    file: &'a str,
    spot: Spot<'a>,
}

enum Spot<'a> {
    Line(usize),
    Pointer(&'a str),
    File,
}

impl<'a> Wanted<'a> {
    fn read(text: &'a str) -> Result<Self, Failure> {
        if let Some((file, pointer)) = text.split_once('#') {
            if !(pointer.is_empty() || pointer.starts_with('/')) {
                return Err(Failure::usage(format!("`#{pointer}` is not a JSON pointer"))
                    .help("a pointer begins with a slash: `pool-cpu.tf.json#/resource`"));
            }
            return Ok(Self { file, spot: Spot::Pointer(pointer) });
        }
        match text.rsplit_once(':') {
            Some((file, line)) => match line.parse() {
                Ok(line) => Ok(Self { file, spot: Spot::Line(line) }),
                Err(_) => Err(Failure::usage(format!("`{line}` is not the number of a line"))
                    .help("write FILE:LINE or FILE#/json/pointer")),
            },
            None => Ok(Self { file: text, spot: Spot::File }),
        }
    }
}

/// The generated file that is meant: from the repository's name on, else the only one whose path ends so.
fn find(named: &str, output: &Output) -> Result<String, Failure> {
    let named = named.trim_start_matches("./");
    let inner = REPOSITORIES.iter().find_map(|folder| named.find(&format!("{folder}/")).and_then(|at| named.get(at..)));
    if let Some(path) = inner
        && output.files.contains_key(path)
    {
        return Ok(path.to_string());
    }
    let tail = format!("/{}", inner.unwrap_or(named));
    let hits: Vec<&String> = output.files.keys().filter(|path| path.ends_with(&tail)).collect();
    match hits.as_slice() {
        [only] => Ok((*only).clone()),
        [] => {
            let name = named.rsplit('/').next().unwrap_or(named);
            let names = output.files.keys().filter_map(|path| path.rsplit('/').next());
            let failure = Failure::usage(format!("this fleet generates no file `{named}`"));
            Err(match tvmci::schema::suggestion(name, names) {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure.help("`tvmci compile --dry-run --out DIR` lists the files"),
            })
        }
        several => {
            let list: Vec<&str> = several.iter().map(|path| path.as_str()).collect();
            Err(Failure::usage(format!("several files are named `{named}`"))
                .help(format!("name one of {}", list.join(", "))))
        }
    }
}

fn answer(
    file: &str,
    line: usize,
    generated: &str,
    place: &Place,
    origin: Option<&Location>,
    sources: &Sources,
) -> String {
    let pointer = if place.pointer.is_empty() { String::new() } else { format!("  #{}", place.pointer) };
    let mut text = format!("{file}:{line}{pointer}\n  {}\n\n", generated.trim());
    let Some(at) = origin else {
        text.push_str("It stands in every fleet's output; no line of this one caused it.\n");
        return text;
    };
    let how = if place.origin.by_default { "is the default of a field that was left out here:" } else { "comes from" };
    text.push_str(&format!("{how} {at}\n"));
    let file = sources.files().iter().find(|file| file.name == at.file);
    let shown = file.map(|file| file.text.lines().skip(at.line.saturating_sub(1)).take(at.end_line - at.line + 1));
    for (offset, source) in shown.into_iter().flatten().take(6).enumerate() {
        text.push_str(&format!("{:>5} │ {source}\n", at.line + offset));
    }
    if at.end_line == at.line {
        let width = at.end_column.saturating_sub(at.column).max(1);
        text.push_str(&format!("      │ {}{}\n", " ".repeat(at.column.saturating_sub(1)), "─".repeat(width)));
    }
    text
}
