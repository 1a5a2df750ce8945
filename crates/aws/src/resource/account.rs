//! The account this is.

use hastack_core::cloud::CloudError;

use crate::Aws;
use crate::action::Action;
use crate::error;

pub async fn look_up(aws: &Aws) -> Result<String, CloudError> {
    let action = Action::GetCallerIdentity;
    let caller = aws
        .send_read(action, || aws.sts.read.get_caller_identity().send())
        .await?;
    caller.account.ok_or_else(|| error::unreadable(action))
}

#[cfg(test)]
mod tests;
