//! Helpers of tests and of the sample data: what the product makes and needs, made from a few words.

pub mod firm;
pub mod portal;
pub mod samples;
