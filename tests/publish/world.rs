//! A fleet in a git repository, and three bare repositories beside it.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A scratch folder with everything.
pub struct World {
    folder: tempfile::TempDir,
}

/// What a run left.
pub struct Run {
    code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Fails unless it ended with that code.
    pub fn must(&self, code: i32) {
        assert_eq!(self.code, Some(code), "{self}");
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {:?}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

impl World {
    pub const REPOSITORIES: [&str; 3] = ["tvm-ci-packer", "tvm-ci-terraform", "tvm-ci-ansible"];

    pub fn new(name: &str) -> Self {
        let folder = tempfile::Builder::new().prefix(&format!("tvmci-publish-{name}-")).tempdir().unwrap();
        let world = Self { folder };
        fs::write(
            world.path("gitconfig"),
            "[user]\nname = Tester\nemail = tester@example.org\n[init]\ndefaultBranch = main\n",
        )
        .unwrap();
        for repository in Self::REPOSITORIES {
            world.git(&world.path(""), &["init", "--quiet", "--bare", world.bare(repository).to_str().unwrap()]);
        }
        let fleet = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/publish/fleet.kdl");
        fs::create_dir(world.path("fleet")).unwrap();
        fs::copy(fleet, world.path("fleet/fleet.kdl")).unwrap();
        world.git(&world.path("fleet"), &["init", "--quiet"]);
        world.commit_fleet("Begin");
        world
    }

    pub fn path(&self, inner: &str) -> PathBuf {
        self.folder.path().join(inner)
    }

    pub fn bare(&self, repository: &str) -> PathBuf {
        self.path(&format!("bare/{repository}.git"))
    }

    fn command(&self, program: &str, folder: &Path, arguments: &[&str]) -> Run {
        let done = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", self.path("gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Run { code: done.status.code(), stdout: text(&done.stdout), stderr: text(&done.stderr) }
    }

    fn git(&self, folder: &Path, arguments: &[&str]) -> String {
        let run = self.command("git", folder, arguments);
        run.must(0);
        run.stdout.trim().to_string()
    }

    fn tvmci(&self, arguments: &[&str]) -> Run {
        self.command(env!("CARGO_BIN_EXE_tvmci"), &self.path("fleet"), arguments)
    }

    /// Runs `tvmci publish` against the bare repositories.
    pub fn publish(&self, arguments: &[&str]) -> Run {
        let to = self.path("bare");
        let mut all = vec!["publish", "--to", to.to_str().unwrap()];
        all.extend(arguments);
        self.tvmci(&all)
    }

    /// What the fleet compiles to now.
    pub fn compile(&self) -> PathBuf {
        let out = self.path("out");
        let _ = fs::remove_dir_all(&out);
        self.tvmci(&["compile", "--out", out.to_str().unwrap()]).must(0);
        out
    }

    /// Replaces a text of the fleet that stands there once.
    pub fn edit_fleet(&self, old: &str, new: &str) {
        let path = self.path("fleet/fleet.kdl");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(old).count(), 1, "`{old}` stands once in the fleet");
        fs::write(path, text.replace(old, new)).unwrap();
    }

    pub fn commit_fleet(&self, message: &str) {
        let folder = self.path("fleet");
        self.git(&folder, &["add", "--all"]);
        self.git(&folder, &["commit", "--quiet", "--message", message]);
    }

    pub fn fleet_head(&self) -> String {
        self.git(&self.path("fleet"), &["rev-parse", "HEAD"])
    }

    /// The commit of a branch; empty where it has none.
    pub fn head(&self, repository: &str, branch: &str) -> String {
        let run = self.command("git", &self.bare(repository), &["rev-parse", "--verify", "--quiet", branch]);
        run.stdout.trim().to_string()
    }

    pub fn message(&self, repository: &str, branch: &str) -> String {
        self.git(&self.bare(repository), &["log", "-1", "--format=%B", branch])
    }

    fn checkout(&self, repository: &str, branch: &str) -> PathBuf {
        let folder = self.path(&format!("look/{repository}"));
        let _ = fs::remove_dir_all(&folder);
        let bare = self.bare(repository);
        self.git(
            &self.path(""),
            &["clone", "--quiet", "--branch", branch, bare.to_str().unwrap(), folder.to_str().unwrap()],
        );
        folder
    }

    /// The files of a branch.
    pub fn published(&self, repository: &str, branch: &str) -> BTreeMap<String, String> {
        Self::files(&self.checkout(repository, branch))
    }

    /// All files below a folder, git's own left out.
    pub fn files(folder: &Path) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut waiting = vec![folder.to_path_buf()];
        while let Some(at) = waiting.pop() {
            for entry in fs::read_dir(&at).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                if name == ".git" {
                    continue;
                }
                if path.is_dir() {
                    waiting.push(path);
                } else {
                    found.insert(name, fs::read_to_string(&path).unwrap());
                }
            }
        }
        found
    }

    /// Somebody else commits a file.
    pub fn push_file(&self, repository: &str, path: &str, text: &str) {
        let folder = self.checkout(repository, "main");
        fs::write(folder.join(path), text).unwrap();
        self.git(&folder, &["add", "--all"]);
        self.git(&folder, &["commit", "--quiet", "--message", "Theirs"]);
        self.git(&folder, &["push", "--quiet", "origin", "main"]);
    }

    /// Lets a repository refuse what is pushed, or take it again.
    pub fn reject_pushes(&self, repository: &str, reject: bool) {
        let hook = self.bare(repository).join("hooks/pre-receive");
        if reject {
            fs::create_dir_all(hook.parent().unwrap()).unwrap();
            script(&hook, "#!/bin/sh\necho 'the disk is full' >&2\nexit 1\n");
        } else {
            fs::remove_file(hook).unwrap();
        }
    }

    /// The next push to a repository is preceded by somebody else's, once.
    pub fn race(&self, repository: &str, path: &str, text: &str) {
        let folder = self.path("rival");
        let bare = self.bare(repository);
        self.git(&self.path(""), &["clone", "--quiet", bare.to_str().unwrap(), folder.to_str().unwrap()]);
        fs::write(folder.join(path), text).unwrap();
        self.git(&folder, &["add", "--all"]);
        self.git(&folder, &["commit", "--quiet", "--message", "Theirs"]);
        fs::create_dir(self.path("hooks")).unwrap();
        let (done, folder) = (self.path("raced"), folder.display().to_string());
        let hook = format!(
            "#!/bin/sh\ncase $2 in *{repository}*) ;; *) exit 0 ;; esac\n[ -e '{done}' ] && exit 0\ntouch '{done}'\ncd '{folder}' && unset GIT_DIR && git push --quiet origin main\n",
            done = done.display()
        );
        script(&self.path("hooks/pre-push"), &hook);
        self.git(&self.path(""), &["config", "--global", "core.hooksPath", self.path("hooks").to_str().unwrap()]);
    }
}

fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
