//! Producers and consumers.

use super::Builder;
use crate::{ConsumerView, ProducerView};

impl Builder<'_> {
    pub fn producers(&self) -> Vec<ProducerView> {
        Vec::new()
    }

    pub fn consumers(&self) -> Vec<ConsumerView> {
        Vec::new()
    }
}
