//! The recipe of an image that is built.

use hastack_api::AutoScaledServiceSpec;
use hastack_api::service::image::ImageBuild;

use super::reference::Reference;
use super::{BUILDER, choice};
use crate::desire::SpecError;
use crate::desire::architecture::architecture;
use crate::desire::name::digest;
use crate::kind::Kind;
use crate::owner::NodeId;

/// What runs the script, with `@...@` in place of what differs.
const RUNNER: &str = include_str!("build.sh");

/// The most bytes of user data that AWS takes.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html>
const MOST: usize = 16384;

/// The recipe of an image that is built.
pub(super) struct Recipe<'a> {
    /// As the spec says it.
    pub(super) build: &'a ImageBuild,
    /// The type of the instance it is built on.
    pub(super) instance_type: &'a str,
    architecture: &'static str,
}

impl<'a> Recipe<'a> {
    /// The recipe of a service's image, where that is built.
    pub(super) fn of(spec: &'a AutoScaledServiceSpec) -> Option<Self> {
        let build = spec.image.build.as_ref()?;
        let own = build.instance_type.as_deref();
        let instance_type = own.unwrap_or_else(|| choice::instance_type(spec));
        Some(Self {
            build,
            instance_type,
            architecture: architecture(instance_type),
        })
    }

    /// The image it starts from.
    pub(super) fn base(&self) -> Result<Reference<'a>, SpecError> {
        Reference::of_base(&self.build.from, self.architecture)
    }

    /// What tells it from others: what makes another image of it, and nothing else. What `from` names by now does not, nor does the
    /// type of the service's instances as long as they are of the same architecture.
    fn digest(&self) -> String {
        let ImageBuild {
            from: _,
            script,
            instance_type,
            timeout_minutes: _,
            keep: _,
        } = self.build;
        let from = self.base().map_or_else(|_| String::new(), |base| base.text());
        let machine = instance_type.as_deref().unwrap_or(self.architecture);
        digest(&format!("{from}\n{machine}\n{script}"))
    }

    /// The image.
    pub(super) fn image(&self) -> NodeId {
        NodeId::named(Kind::Image, self.digest())
    }

    /// The instance it is built on.
    pub(super) fn builder(&self) -> NodeId {
        NodeId::named(Kind::Instance, format!("{BUILDER}/{}", self.digest()))
    }

    /// What that runs.
    pub(super) fn user_data(&self) -> Result<String, SpecError> {
        let given = &self.build.script;
        // What has no first line of this form is a shell's.
        let first = if given.starts_with("#!") { "" } else { "#!/bin/sh\n" };
        let script = format!("{first}{}", given.trim_end_matches('\n'));
        let minutes = self.build.timeout_minutes.to_string();
        let whole = RUNNER
            .replace("@DIGEST@", &self.digest())
            .replace("@MINUTES@", &minutes)
            .replace("@SCRIPT@", &script);
        if whole.len() > MOST {
            return Err(SpecError::FitScript {
                given: given.len(),
                whole: whole.len(),
                most: MOST,
            });
        }
        Ok(whole)
    }
}

#[cfg(test)]
mod tests;
