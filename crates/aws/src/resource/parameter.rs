//! The value of an SSM parameter: looked up, never changed.

use hastack_core::cloud::{CloudError, ErrorKind};

use crate::Aws;
use crate::action::Action;

/// The value of this parameter, where there is one.
pub async fn look_up(aws: &Aws, name: &str) -> Result<Option<String>, CloudError> {
    let request = aws.ssm.read.get_parameter().name(name);
    match aws.send_read(Action::GetParameter, || request.clone().send()).await {
        Ok(answer) => Ok(answer.parameter.and_then(|parameter| parameter.value)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
