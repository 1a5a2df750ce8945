//! What is looked up in AWS and changes rarely.

use std::time::Duration;

use hastack_core::cloud::{Answer, Cloud, CloudError, Question, Zone};
use hastack_core::retry::Hold;
use hastack_core::timing::{Clock, after};
use jiff::Timestamp;
use tokio::sync::Mutex;

/// How long an answer is good for.
pub const FRESH: Duration = Duration::from_hours(1);

/// The answer to a question, asked once for everyone and kept.
pub struct Fact<T> {
    question: Question,
    what: &'static str,
    read: fn(Answer) -> Option<T>,
    state: Mutex<State<T>>,
}

struct State<T> {
    answer: Option<(T, Timestamp)>,
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

impl Fact<String> {
    /// The account.
    pub fn account() -> Self {
        Self::new(Question::Account, "the AWS account", |answer| match answer {
            Answer::Account(account) => Some(account),
            Answer::Zones(_) => None,
        })
    }
}

impl Fact<Vec<Zone>> {
    /// The zones of the region.
    pub fn zones() -> Self {
        Self::new(Question::Zones, "the availability zones", |answer| match answer {
            Answer::Zones(zones) => Some(zones),
            Answer::Account(_) => None,
        })
    }
}

impl<T: Clone> Fact<T> {
    fn new(question: Question, what: &'static str, read: fn(Answer) -> Option<T>) -> Self {
        let (answer, hold) = (None, None);
        Self {
            question,
            what,
            read,
            state: Mutex::new(State { answer, hold }),
        }
    }

    /// The answer. An old one is better than none.
    pub async fn know<C: Cloud>(&self, cloud: &C, clock: &dyn Clock) -> Result<T, Unknown> {
        let mut state = self.state.lock().await;
        let now = clock.now();
        let fresh = |at: Timestamp| now < after(at, FRESH);
        if let Some((answer, _)) = state.answer.as_ref().filter(|(_, at)| fresh(*at)) {
            return Ok(answer.clone());
        }
        if state.hold.as_ref().is_none_or(|hold| hold.until <= now) {
            match cloud.look_up(&self.question).await {
                Ok(answer) => {
                    state.answer = (self.read)(answer).map(|answer| (answer, now));
                    state.hold = None;
                }
                Err(error) => {
                    let step = format!("look up {}", self.what);
                    state.hold = Some(Hold::after(state.hold.as_ref(), step, error, self.what, clock.now()));
                }
            }
        }
        let State { answer, hold } = &*state;
        answer
            .as_ref()
            .map(|(answer, _)| answer.clone())
            .ok_or_else(|| Unknown {
                what: self.what.to_owned(),
                error: hold.as_ref().map(|hold| hold.error.clone()),
                until: hold.as_ref().map_or(now, |hold| hold.until),
            })
    }
}
