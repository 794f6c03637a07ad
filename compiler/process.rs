//! Programs of others: found on PATH, run without a terminal, never longer than they may.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a program left.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// Whether it ended with 0.
    pub success: bool,
    /// Its exit code; `None` where it was ended.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Done {
    /// Both outputs, without colours.
    pub fn text(&self) -> String {
        let both = format!("{}\n{}", self.stdout.trim(), self.stderr.trim());
        anstream::adapter::strip_str(both.trim()).to_string()
    }
}

/// One call of a program.
pub struct Call<'a> {
    command: Command,
    program: &'a Path,
    patience: Duration,
}

/// No call takes longer, unless it says so.
const PATIENCE: Duration = Duration::from_secs(600);

impl<'a> Call<'a> {
    /// Calls a program in a folder. Tools that call one another by name find those beside it first.
    pub fn new(program: &'a Path, folder: &Path) -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the place where programs are started")]
        let mut command = Command::new(program);
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let beside = program.parent().map(Path::to_path_buf);
        let path = std::env::var_os("PATH").unwrap_or_default();
        if let Ok(joined) = std::env::join_paths(beside.into_iter().chain(std::env::split_paths(&path))) {
            command.env("PATH", joined);
        }
        command
            .env("NO_COLOR", "1")
            .env("PYTHONWARNINGS", "ignore")
            .env("CHECKPOINT_DISABLE", "1")
            .env("LC_ALL", "C.UTF-8");
        command.env_remove("FORCE_COLOR").env_remove("CLICOLOR_FORCE");
        Self { command, program, patience: PATIENCE }
    }

    /// With an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// With arguments.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(arguments);
        self
    }

    /// With a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Without a variable of the environment.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// That it could not be started, or took too long and was ended; in words that name the program.
    pub fn run(mut self) -> Result<Done, String> {
        let name = self.program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut child = self.command.spawn().map_err(|error| format!("cannot start {name}: {error}"))?;
        let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
        let deadline = Instant::now() + self.patience;
        std::thread::scope(|scope| {
            let stdout = scope.spawn(|| read(out.as_mut()));
            let stderr = scope.spawn(|| read(err.as_mut()));
            let status = loop {
                match child.try_wait() {
                    Ok(Some(status)) => break status,
                    Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(10)),
                    Ok(None) => {
                        let _ = child.kill();
                        let _ = child.wait();
                        return Err(format!("{name} did not end within {} s", self.patience.as_secs()));
                    }
                    Err(error) => return Err(format!("{name} was lost: {error}")),
                }
            };
            let text = |read: std::thread::Result<String>| read.unwrap_or_default();
            let (stdout, stderr) = (text(stdout.join()), text(stderr.join()));
            Ok(Done { success: status.success(), code: status.code(), stdout, stderr })
        })
    }
}

fn read(pipe: Option<&mut impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // A broken pipe ends the text; what came before it counts.
        let _ = pipe.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The first program of that name in some folders, then on PATH.
pub fn find(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = folders.iter().cloned().chain(std::env::split_paths(&path));
    candidates.map(|folder| folder.join(name)).find(|file| is_program(file))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file() || file.with_extension("exe").is_file()
}
