//! Kinds that nobody wants: others have made them, and they are only looked at.

use std::fmt;
use std::marker::PhantomData;

use super::{Finding, Refs, Shown, Wanted};
use crate::owner::NodeId;

/// What never is: one is neither created nor changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {}

/// What is wanted of a kind that has such states: nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwanted<S> {
    never: Never,
    state: PhantomData<S>,
}

impl<S: Shown<Change = Never>> Wanted for Unwanted<S> {
    type Create = Never;
    type State = S;
    type Change = Never;

    fn create(&self, _refs: &dyn Refs) -> Result<Never, NodeId> {
        match self.never {}
    }

    fn compare(&self, _state: &S, _refs: &dyn Refs) -> Vec<Finding<Never>> {
        match self.never {}
    }
}

impl<S> fmt::Display for Unwanted<S> {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.never {}
    }
}

impl fmt::Display for Never {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
