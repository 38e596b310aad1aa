//! Messages in flight that matter, without making a whole view: what the director of a picture asks
//! after every event.

use crate::view_build::Builder;
use crate::{NEVER, World};
use highwater_cluster::Time;

/// A message that will change something when it lands, or fail to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flight {
    /// Its number.
    pub id: u64,
    /// Sent at.
    pub sent_at: Time,
    /// Lands at; [`NEVER`] while it waits at a cut link.
    pub arrives_at: Time,
}

impl Flight {
    /// One-way latency in microseconds; `None` while it waits at a cut link.
    pub fn latency_us(&self) -> Option<u64> {
        (self.arrives_at != NEVER).then(|| self.arrives_at.since(self.sent_at).0)
    }
}

impl World {
    /// Messages in flight that are not routine, in order of sending. One that has arrived at a paused
    /// process and waits there is not in flight any more.
    pub fn flights(&self) -> Vec<Flight> {
        let builder = Builder { world: self };
        let news = |f: &&crate::network::InFlight| {
            let message = &f.message;
            let on_its_way = f.arrives_at > self.now() || f.arrives_at == NEVER;
            on_its_way && !f.doomed && !builder.routine(message.from, message.to, &message.body)
        };
        let flights = self.kernel.network.in_flight().filter(news);
        flights.map(|f| Flight { id: f.id, sent_at: f.sent_at, arrives_at: f.arrives_at }).collect()
    }
}
