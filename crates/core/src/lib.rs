//! Every decision of hastack, and nothing else: no clock, no environment, no chance, no input or output.
#![warn(missing_docs)]

pub mod cloud;
pub mod kind;
pub mod object;
pub mod owner;
pub mod resource;
pub mod tag;
