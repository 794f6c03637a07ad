//! Ansible's own words as types: playbooks, plays, tasks, modules with their arguments.
//!
//! A module's name is always its fully qualified one. Strings are data; conditions and [`raw`] are Jinja.

use serde::Serialize;

use crate::targets::{Raw, Tree, raw};

/// The arguments of a module, in the order they are given.
#[derive(Clone, Debug, Default)]
pub struct Arguments(Vec<(&'static str, Tree)>);

impl Arguments {
    /// None.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// One more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &impl Serialize) -> Self {
        self.0.push((name, Tree::new(value)));
        self
    }
}

impl Arguments {
    /// Those of another list behind these.
    #[must_use]
    pub fn and(mut self, others: Arguments) -> Self {
        self.0.extend(others.0);
        self
    }
}

impl Serialize for Arguments {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, tree)| (name, tree)))
    }
}

/// Arguments of a module: `arguments! { path: "/key", mode: "0700" }`.
macro_rules! arguments {
    ($($name:ident: $value:expr),* $(,)?) => {
        crate::targets::ansible::play::Arguments::new()$(.with(stringify!($name), &$value))*
    };
}
pub(super) use arguments;

/// What a task does: a module with its arguments, or with its one word.
#[derive(Clone, Debug)]
struct Action(&'static str, Arguments, Option<&'static str>);

impl Serialize for Action {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.2 {
            Some(word) => serializer.collect_map([(self.0, word)]),
            None => serializer.collect_map([(self.0, &self.1)]),
        }
    }
}

/// Options of a loop.
#[derive(Clone, Debug, Serialize)]
struct LoopControl {
    label: Raw,
}

/// A list of one is written without the list.
fn one_or_many<T: Serialize, S: serde::Serializer>(list: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    match list {
        [only] => only.serialize(serializer),
        _ => serializer.collect_seq(list),
    }
}

/// One task, or a block of tasks.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Task {
    name: String,
    #[serde(flatten)]
    action: Option<Action>,
    #[serde(rename = "loop", skip_serializing_if = "Option::is_none")]
    each: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    loop_control: Option<LoopControl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    register: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "one_or_many")]
    when: Vec<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retries: Option<Tree>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_when: Option<Tree>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_when: Option<Tree>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check_mode: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<Arguments>,
    #[serde(rename = "vars", skip_serializing_if = "Option::is_none")]
    variables: Option<Arguments>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#become: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delegate_to: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_log: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "one_or_many")]
    notify: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    block: Vec<Task>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rescue: Vec<Task>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    always: Vec<Task>,
}

impl Task {
    /// A task of a module.
    pub fn new(name: impl Into<String>, module: &'static str, arguments: Arguments) -> Self {
        Self { name: name.into(), action: Some(Action(module, arguments, None)), ..Self::default() }
    }

    /// An order to Ansible itself.
    pub fn order(name: &str, word: &'static str) -> Self {
        let action = Action("ansible.builtin.meta", Arguments::new(), Some(word));
        Self { name: name.into(), action: Some(action), ..Self::default() }
    }

    /// Tasks that belong together.
    pub fn block(name: impl Into<String>, tasks: Vec<Task>) -> Self {
        Self { name: name.into(), block: tasks, ..Self::default() }
    }

    /// What is done when a task of the block fails.
    #[must_use]
    pub fn rescue(mut self, tasks: Vec<Task>) -> Self {
        self.rescue = tasks;
        self
    }

    /// What is done behind the block in any case.
    #[must_use]
    pub fn always(mut self, tasks: Vec<Task>) -> Self {
        self.always = tasks;
        self
    }

    /// One more argument of the module.
    #[must_use]
    pub fn argument(mut self, name: &'static str, value: &impl Serialize) -> Self {
        if let Some(action) = self.action.take() {
            self.action = Some(Action(action.0, action.1.with(name, value), action.2));
        }
        self
    }

    /// Once for each item of a list; `label` is what the log shows of an item.
    #[must_use]
    pub fn each(mut self, list: &str, label: &str) -> Self {
        self.each = Some(raw(expression(list)));
        self.loop_control = Some(LoopControl { label: raw(expression(label)) });
        self
    }

    /// The variable that takes the result.
    #[must_use]
    pub fn register(mut self, variable: impl Into<String>) -> Self {
        self.register = Some(variable.into());
        self
    }

    /// Only if this holds; several conditions must all hold.
    #[must_use]
    pub fn when(mut self, condition: impl Into<String>) -> Self {
        self.when.push(raw(condition));
        self
    }

    /// Again and again until this holds.
    #[must_use]
    pub fn until(mut self, condition: &str, retries: &impl Serialize, delay_seconds: u32) -> Self {
        self.until = Some(raw(condition));
        self.retries = Some(Tree::new(retries));
        self.delay = Some(delay_seconds);
        self
    }

    /// Whether it counts as a change.
    #[must_use]
    pub fn changed_when(mut self, condition: &str) -> Self {
        self.changed_when = Some(Tree::new(&raw(condition)));
        self
    }

    /// It always counts as a change.
    #[must_use]
    pub fn changes_something(mut self) -> Self {
        self.changed_when = Some(Tree::new(&true));
        self
    }

    /// It never counts as a change.
    #[must_use]
    pub fn changes_nothing(mut self) -> Self {
        self.changed_when = Some(Tree::new(&false));
        self
    }

    /// It never counts as a failure.
    #[must_use]
    pub fn never_fails(mut self) -> Self {
        self.failed_when = Some(Tree::new(&false));
        self
    }

    /// It runs in check mode too: it only looks.
    #[must_use]
    pub fn only_looks(mut self) -> Self {
        self.check_mode = Some(false);
        self.changes_nothing()
    }

    /// Environment variables of the module.
    #[must_use]
    pub fn environment(mut self, variables: Arguments) -> Self {
        self.environment = Some(variables);
        self
    }

    /// Variables of the task.
    #[must_use]
    pub fn variables(mut self, variables: Arguments) -> Self {
        self.variables = Some(variables);
        self
    }

    /// On the machine that runs the playbook.
    #[must_use]
    pub fn on_deploy_machine(mut self) -> Self {
        self.delegate_to = Some(raw("localhost"));
        self.r#become = Some(false);
        self
    }

    /// On the controller, although the play is about other machines.
    #[must_use]
    pub fn on_controller(mut self) -> Self {
        self.delegate_to = Some(jinja("groups['controller'] | first"));
        self.r#become = Some(false);
        self
    }

    /// Nothing of its arguments and results is shown.
    #[must_use]
    pub fn silent(mut self) -> Self {
        self.no_log = Some(true);
        self
    }

    /// Handlers that run if it changed something.
    #[must_use]
    pub fn notify(mut self, handler: impl Into<String>) -> Self {
        self.notify.push(handler.into());
        self
    }
}

/// An expression as Ansible's strings hold it.
pub fn expression(text: &str) -> String {
    format!("{{{{ {text} }}}}")
}

/// `raw(expression(text))`: the value of a Jinja expression.
pub fn jinja(text: &str) -> Raw {
    raw(expression(text))
}

/// The tasks of a file.
pub fn import_tasks(name: &str, file: &str) -> Task {
    Task::new(name, "ansible.builtin.import_tasks", Arguments::new().with("file", &file))
}

/// Stops with a message unless conditions hold.
pub fn assert(name: &str, conditions: &[&str], message: &str) -> Task {
    let that: Vec<Raw> = conditions.iter().map(|condition| raw(*condition)).collect();
    Task::new(name, "ansible.builtin.assert", arguments! { that: that, fail_msg: raw(message), quiet: true })
}

/// Says something in the log.
pub fn say(name: &str, message: &str) -> Task {
    Task::new(name, "ansible.builtin.debug", arguments! { msg: raw(message) })
}

/// One play.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Play {
    /// What it does.
    pub name: String,
    /// The hosts or groups.
    pub hosts: String,
    /// How they are reached, if not as the inventory says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<&'static str>,
    /// Whether facts of the hosts are collected.
    pub gather_facts: bool,
    /// Whether it works as root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#become: Option<bool>,
    /// How many hosts at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<u32>,
    /// Whether one failed host stops the play.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_fail_percentage: Option<u32>,
    /// Its variables.
    #[serde(rename = "vars", skip_serializing_if = "Option::is_none")]
    pub variables: Option<Arguments>,
    /// Roles that it runs as they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<&'static str>,
    /// Its tasks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<Task>,
}

impl Play {
    /// A play on the machine that runs the playbook, with the Python that runs it.
    pub fn on_deploy_machine(name: &str, tasks: Vec<Task>) -> Self {
        Self {
            name: name.into(),
            hosts: "localhost".into(),
            connection: Some("local"),
            r#become: Some(false),
            variables: Some(arguments! { ansible_python_interpreter: jinja("ansible_playbook_python") }),
            tasks,
            ..Self::default()
        }
    }
}

/// A step of a playbook.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// A play.
    Play(Box<Play>),
    /// All plays of another file.
    Import {
        /// What it does.
        name: &'static str,
        /// The file.
        #[serde(rename = "ansible.builtin.import_playbook")]
        playbook: &'static str,
    },
}

impl Step {
    /// A play.
    pub fn play(play: Play) -> Self {
        Self::Play(Box::new(play))
    }

    /// The play that every playbook begins with.
    pub fn connect() -> Self {
        Self::Import { name: "Get ready to connect", playbook: "connect.yml" }
    }
}

/// A part of a role: `include_role` with the file of tasks.
pub fn from_role(name: &str, role: &'static str, tasks: &'static str) -> Task {
    Task::new(name, "ansible.builtin.import_role", arguments! { name: role, tasks_from: tasks })
}
