//! The order in which the scripts of an image run.

use serde::Serialize;

use crate::context::Context;
use crate::library::{IMPLICIT_STEPS, StepFacts};
use crate::model::{Image, StepUse};
use crate::targets::packer::{parameters, script};
use crate::targets::{At, Origin, Raw, at, raw};

/// Scripts run as root with the variables of their step and nothing else of the login user's environment.
const EXECUTE: &str = "sudo --non-interactive env {{ .Vars }} bash {{ .Path }}";

/// Until a machine that restarts has closed its SSH port; a script that is sent earlier is cut off in the middle.
const RESTART_PAUSE: &str = "30s";

/// How long a machine may take until it answers again; drivers of GPUs are built and loaded in that time.
const RESTART_LIMIT: &str = "15m";

const WAIT: &str = "wait-for-cloud-init";
const CLEAN: &str = "clean";

/// A step of an image.
#[derive(Clone, Copy)]
pub struct Step<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it declares.
    facts: &'a StepFacts,
    /// Where the fleet names it.
    use_: Option<&'a StepUse>,
}

/// One block of a template.
#[derive(Serialize)]
pub struct Provisioner {
    shell: Shell,
}

#[derive(Default, Serialize)]
struct Shell {
    #[serde(skip_serializing_if = "Option::is_none")]
    script: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inline: Option<[&'static str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment_vars: Option<Vec<At<String>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    execute_command: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expect_disconnect: Option<bool>,
    // The file is gone with the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    skip_clean: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pause_before: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_retry_timeout: Option<&'static str>,
}

/// All steps of an image in their order, those that come by themselves among them.
pub fn steps<'a>(context: &Context<'a>, image: &'a Image) -> Vec<Step<'a>> {
    let named = |name: &str| image.step.values().find(|u| u.name.name == name);
    let step = |name: &str, use_: Option<&'a StepUse>| {
        let (name, facts) = context.facts.steps.get_key_value(name)?;
        Some(Step { name, facts, use_ })
    };
    let [first, last @ ..] = IMPLICIT_STEPS;
    let mut steps: Vec<Step<'a>> = step(first, named(first)).into_iter().collect();
    let given = image.step.values().filter(|u| !IMPLICIT_STEPS.contains(&u.name.name.as_str()));
    steps.extend(given.filter_map(|u| step(&u.name.name, Some(u))));
    steps.extend(last.into_iter().filter_map(|name| step(name, named(name))));
    steps
}

/// The provisioners of an image: every step, a restart where a step asks for one, and behind the last restart the
/// checks of all steps. `clean` comes last, because it takes away what checks and restarts need.
pub fn provisioners(context: &Context<'_>, image: &Image) -> Vec<At<Provisioner>> {
    let steps = steps(context, image);
    let (clean, steps): (Vec<Step<'_>>, Vec<Step<'_>>) = steps.into_iter().partition(|step| step.name == CLEAN);
    let wait = steps.iter().find(|step| step.name == WAIT).copied();
    let mut blocks = Vec::new();
    for step in steps.iter().filter(|step| !is_closing(step)) {
        blocks.extend(step.run(context, "install"));
        if step.facts.reboot.set {
            blocks.push(at(step.origin(), Provisioner { shell: restart() }));
            // The timers of apt run again after each boot, and hold its lock against the next step.
            blocks.extend(wait.and_then(|wait| wait.after_restart(context, step)));
        }
    }
    blocks.extend(steps.iter().filter(|step| !is_closing(step)).filter_map(|step| step.run(context, "verify")));
    for step in steps.iter().filter(|step| is_closing(step)).chain(&clean) {
        blocks.extend(step.run(context, "install"));
        blocks.extend(step.run(context, "verify"));
    }
    blocks
}

fn is_closing(step: &Step<'_>) -> bool {
    step.name != WAIT && IMPLICIT_STEPS.contains(&step.name)
}

impl Step<'_> {
    fn origin(&self) -> Origin {
        self.use_.map_or_else(|| Origin::from(self.facts.span), |u| Origin::from(&u.name))
    }

    fn run(&self, context: &Context<'_>, part: &str) -> Option<At<Provisioner>> {
        self.shell(context, part).map(|shell| at(self.origin(), Provisioner { shell }))
    }

    fn after_restart(&self, context: &Context<'_>, cause: &Step<'_>) -> Option<At<Provisioner>> {
        let mut shell = self.shell(context, "install")?;
        shell.pause_before = Some(RESTART_PAUSE);
        shell.start_retry_timeout = Some(RESTART_LIMIT);
        Some(at(cause.origin(), Provisioner { shell }))
    }

    fn shell(&self, context: &Context<'_>, part: &str) -> Option<Shell> {
        let path = script(context.library, self.name, part)?;
        let environment = parameters::environment(self.facts, self.use_);
        Some(Shell {
            script: Some(raw(format!("${{path.root}}/../{path}"))),
            environment_vars: (!environment.is_empty()).then_some(environment),
            execute_command: Some(raw(EXECUTE)),
            ..Shell::default()
        })
    }
}

fn restart() -> Shell {
    Shell {
        inline: Some(["systemctl reboot"]),
        execute_command: Some(raw(EXECUTE)),
        expect_disconnect: Some(true),
        skip_clean: Some(true),
        ..Shell::default()
    }
}
