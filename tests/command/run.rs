//! One call of the program.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// What a call left.
#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Done {
    /// That it ended so.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// A folder to work in, with a fleet in it or without.
pub struct Place(pub TempDir);

impl Place {
    /// In memory where that is possible: flushing files takes long.
    pub fn empty() -> Self {
        let memory = Path::new("/dev/shm");
        Self(if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap())
    }

    /// With `fleet.kdl` from that text.
    pub fn with(text: &str) -> Self {
        let place = Self::empty();
        place.put("fleet.kdl", text);
        place
    }

    /// With an example's files.
    pub fn example(name: &str) -> Self {
        let place = Self::empty();
        for entry in fs::read_dir(root().join("examples").join(name)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "kdl") {
                fs::copy(&path, place.path(path.file_name().unwrap().to_str().unwrap())).unwrap();
            }
        }
        place
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub fn put(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The program, in this folder, without what the environment says about colours and workflows.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tvmci"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "CI"] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Done {
        self.command(arguments).output().unwrap().into()
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Done {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap().into()
    }

    /// Names of what lies in the folder.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A small fleet of which no check tells anything.
pub fn fine() -> String {
    let read = |name: &str| fs::read_to_string(root().join("tests/shared").join(name)).unwrap();
    format!("{}\n{}", read("bare.kdl"), read("base.kdl").replace("import \"bare.kdl\"\n", ""))
}

/// The same with an image's name misspelled.
pub fn mistaken() -> String {
    let text = fine().replace("    image \"agent\"", "    image \"agnet\"");
    assert!(text.contains("agnet"));
    text
}

/// An environment of that fleet that can live beside the base, with further nodes.
pub fn environment(name: &str, nodes: &str) -> String {
    format!(
        "environment \"{name}\" {{\n    fleet {{ url \"https://{name}.ci.example.org\"; }}\n    aws {{ state key=\"{name}.tfstate\"; }}\n    {nodes}\n}}\n"
    )
}
