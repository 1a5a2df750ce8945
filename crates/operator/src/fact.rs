//! What is looked up in AWS and changes rarely.

use std::time::Duration;

use hastack_core::cloud::{Answer, Cloud, CloudError, ImageQuery, Question};
use hastack_core::retry::Hold;
use hastack_core::timing::{Clock, after};
use jiff::Timestamp;
use tokio::sync::Mutex;

/// How long an answer is good for.
pub const FRESH: Duration = Duration::from_hours(1);
/// How long an answer is good for that may become another any day.
pub const PASSING: Duration = Duration::from_mins(10);
/// How long an answer is good for that somebody is expected to change.
pub const UNFIT: Duration = Duration::from_mins(1);

/// The answer to a question, asked once for everyone and kept.
pub struct Fact {
    question: Question,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answer: Option<(Answer, Timestamp)>,
    hold: Option<Hold>,
}

/// A question that AWS did not answer.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// What is not known, for people.
    pub what: String,
    /// Why, if AWS said so.
    pub error: Option<CloudError>,
    /// When it is asked again.
    pub until: Timestamp,
}

impl Fact {
    /// Not asked yet.
    pub fn new(question: Question) -> Self {
        Self {
            question,
            state: Mutex::default(),
        }
    }

    /// The answer. An old one is better than none.
    pub async fn know<C: Cloud>(&self, cloud: &C, clock: &dyn Clock) -> Result<Answer, Unknown> {
        let mut state = self.state.lock().await;
        let now = clock.now();
        let fresh = |(answer, at): &&(Answer, Timestamp)| now < after(*at, good_for(answer));
        if let Some((answer, _)) = state.answer.as_ref().filter(fresh) {
            return Ok(answer.clone());
        }
        let what = what(&self.question);
        if state.hold.as_ref().is_none_or(|hold| hold.until <= now) {
            match cloud.look_up(&self.question).await {
                Ok(answer) => {
                    state.answer = Some((answer, now));
                    state.hold = None;
                }
                Err(error) => {
                    let step = format!("look up {what}");
                    state.hold = Some(Hold::after(state.hold.as_ref(), step, error, &what, clock.now()));
                }
            }
        }
        let State { answer, hold } = &*state;
        let answer = answer.as_ref().map(|(answer, _)| answer.clone());
        answer.ok_or_else(|| Unknown {
            what,
            error: hold.as_ref().map(|hold| hold.error.clone()),
            until: hold.as_ref().map_or(now, |hold| hold.until),
        })
    }
}

fn good_for(answer: &Answer) -> Duration {
    match answer {
        Answer::Account(_) | Answer::Zones(_) => FRESH,
        Answer::HostedZones(zones) if zones.len() == 1 => FRESH,
        Answer::Parameter(Some(_)) | Answer::Image(Some(_)) => PASSING,
        Answer::HostedZones(_) | Answer::Parameter(None) | Answer::Image(None) => UNFIT,
    }
}

/// What is asked for, for people.
fn what(question: &Question) -> String {
    match question {
        Question::Account => "the AWS account".to_owned(),
        Question::Zones => "the availability zones".to_owned(),
        Question::HostedZones(text) => format!("the hosted zone {text}"),
        Question::Parameter(name) => format!("the SSM parameter {name}"),
        Question::Image(ImageQuery::Id(id)) => format!("the image {id}"),
        Question::Image(ImageQuery::Newest {
            owner,
            name,
            architecture,
        }) => format!("the newest image {name} for {architecture} of {owner}"),
    }
}
