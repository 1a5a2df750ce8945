//! What is looked up in AWS and changes rarely.

use std::time::Duration;

use hastack_core::cloud::{Answer, Cloud, CloudError, HostedZone, Question, Zone};
use hastack_core::retry::Hold;
use hastack_core::timing::{Clock, after};
use jiff::Timestamp;
use tokio::sync::Mutex;

/// How long an answer is good for.
pub const FRESH: Duration = Duration::from_hours(1);
/// How long an answer is good for that somebody is expected to change.
pub const UNFIT: Duration = Duration::from_mins(1);

/// The answer to a question, asked once for everyone and kept.
pub struct Fact<T> {
    question: Question,
    what: String,
    read: fn(Answer) -> Option<T>,
    good_for: fn(&T) -> Duration,
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
            Answer::Zones(_) | Answer::HostedZones(_) => None,
        })
    }
}

impl Fact<Vec<Zone>> {
    /// The zones of the region.
    pub fn zones() -> Self {
        Self::new(Question::Zones, "the availability zones", |answer| match answer {
            Answer::Zones(zones) => Some(zones),
            Answer::Account(_) | Answer::HostedZones(_) => None,
        })
    }
}

impl Fact<Vec<HostedZone>> {
    /// The hosted zones of this id or name.
    pub fn hosted_zones(text: &str) -> Self {
        let question = Question::HostedZones(text.to_owned());
        let what = format!("the hosted zone {text}");
        let fact = Self::new(question, what, |answer| match answer {
            Answer::HostedZones(zones) => Some(zones),
            Answer::Account(_) | Answer::Zones(_) => None,
        });
        let good_for = |zones: &Vec<HostedZone>| if zones.len() == 1 { FRESH } else { UNFIT };
        Self { good_for, ..fact }
    }
}

impl<T: Clone> Fact<T> {
    fn new(question: Question, what: impl Into<String>, read: fn(Answer) -> Option<T>) -> Self {
        let (answer, hold) = (None, None);
        Self {
            question,
            what: what.into(),
            read,
            good_for: |_| FRESH,
            state: Mutex::new(State { answer, hold }),
        }
    }

    /// The answer. An old one is better than none.
    pub async fn know<C: Cloud>(&self, cloud: &C, clock: &dyn Clock) -> Result<T, Unknown> {
        let mut state = self.state.lock().await;
        let now = clock.now();
        let fresh = |(answer, at): &&(T, Timestamp)| now < after(*at, (self.good_for)(answer));
        if let Some((answer, _)) = state.answer.as_ref().filter(fresh) {
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
                    state.hold = Some(Hold::after(state.hold.as_ref(), step, error, &self.what, clock.now()));
                }
            }
        }
        let State { answer, hold } = &*state;
        answer
            .as_ref()
            .map(|(answer, _)| answer.clone())
            .ok_or_else(|| Unknown {
                what: self.what.clone(),
                error: hold.as_ref().map(|hold| hold.error.clone()),
                until: hold.as_ref().map_or(now, |hold| hold.until),
            })
    }
}
