//! Lowering to Ansible: the repository that configures the machines.
//!
//! In: the fleet. Out: `tvm-ci-ansible` without its JCasC files, jobs and plugins (target `jenkins`) and without its
//! workflows and README (target `github`). What a workflow has to do:
//!
//! 1. `pip install -r requirements.txt`, `ansible-galaxy collection install -r requirements.yml`;
//! 2. assume the role `workflow-roles deploy`, put each GitHub secret of the fleet into the environment under its name;
//! 3. `ansible-playbook site.yml` and `jobs.yml`; or build `docker/`, push it, and give the digest that came of it to
//!    `update-jenkins.yml -e controller_image=IMAGE@sha256:DIGEST`.

mod agents;
mod connection;
mod controller;
mod image;
mod jobs;
mod launch;
mod maintenance;
mod passed;
mod play;
mod playbooks;
mod secrets;

use crate::context::Context;
use crate::targets::Documents;
pub use connection::{CONTROLLER, STATIC_AGENTS};

/// Writes the documents of this target.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    connection::lower(context, documents);
    controller::lower(context, documents);
    agents::lower(context, documents);
    jobs::lower(context, documents);
    image::lower(context, documents);
    playbooks::lower(context, documents);
    maintenance::lower(context, documents);
    launch::lower(context, documents);
}
