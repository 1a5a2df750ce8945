//! Every decision of hastack, and nothing else: no clock, no environment, no chance, no input or output.
#![warn(missing_docs)]

pub mod apply;
pub mod binding;
pub mod cloud;
pub mod desire;
pub mod desired;
pub mod digest;
pub mod hidden;
pub mod inventory;
pub mod kind;
pub mod known;
pub mod memory;
pub mod object;
pub mod observed;
pub mod owner;
pub mod plan;
pub mod report;
pub mod resource;
pub mod retry;
pub mod tag;
pub mod timing;
