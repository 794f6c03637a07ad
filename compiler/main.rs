//! The command line.
fn main() {
    let files = tvmci::source::MemoryFiles(
        [(
            "fleet.kdl".to_string(),
            std::fs::read_to_string(std::env::args().nth(1).unwrap_or_default()).unwrap_or_default(),
        )]
        .into(),
    );
    let c = tvmci::compile(&files, "fleet.kdl", &tvmci::library::Library::embedded(), None);
    let style = tvmci::diagnostic::Style { color: false, unicode: true, width: 100 };
    print!("{}", tvmci::diagnostic::render(&c.diagnostics, &c.sources, tvmci::diagnostic::Format::Human, style));
    println!("{:?}", c.output.map(|o| o.files.keys().cloned().collect::<Vec<_>>()));
}
