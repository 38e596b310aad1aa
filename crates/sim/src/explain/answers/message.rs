//! What a message on its way is for, and what holds it up.

use super::{Answer, Headline, list};
use crate::explain::facts::ProcessFact;
use highwater_cluster::{
    Body, FetchRequest, FetchResponse, ProduceRequest, ProduceResponse, Request, Response,
};
use highwater_log::{Batches, Bytes};

impl Answer<'_> {
    pub(super) fn message(&mut self, id: u64) -> Headline {
        // Also one that nobody will hear: it is in the picture.
        let Some(flight) = self.world.kernel.network.in_flight().find(|f| f.id == id) else {
            let some: Vec<String> = self.flights().take(12).map(|f| f.id.to_string()).collect();
            return Err(format!("message {id} is not on its way now; these are: {}", list(&some)));
        };
        let (from, to) = (flight.message.from, flight.message.to);
        self.tell_message(flight);
        if flight.doomed {
            self.fact(ProcessFact::NobodyHears { id });
        }
        self.tell_links(from, to);
        self.tell_process(to);
        match &flight.message.body {
            Body::Request(request) => match &**request {
                Request::Fetch(fetch) => self.tell_asked(fetch),
                Request::Produce(produce) => self.tell_produced(produce),
                _ => {}
            },
            Body::Response(response) => match &**response {
                Response::Fetch(fetch) => self.tell_fetched(fetch),
                Response::Produce(produce) => self.tell_answered(produce),
                _ => {}
            },
        }
        let api = super::api_name(&flight.message.body);
        let kind = if flight.is_response() { " response" } else { "" };
        Ok(format!("{api}{kind} from {from} to {to}"))
    }

    fn tell_asked(&mut self, fetch: &FetchRequest) {
        if fetch.replica_id < 0 {
            return;
        }
        for asked in &fetch.partitions {
            let partition = self.name(asked.tp);
            if !partition.starts_with("__") {
                self.pick(format!("{partition}@{}", fetch.replica_id));
                let (replica, fetch_offset) = (fetch.replica_id, asked.fetch_offset);
                self.fact(ProcessFact::FetchAcknowledges { replica, partition, fetch_offset });
            }
        }
    }

    fn tell_produced(&mut self, produce: &ProduceRequest) {
        for item in &produce.partitions {
            let partition = self.name(item.tp);
            self.fact(ProcessFact::ProduceBrings {
                partition,
                records: records(&item.records),
                acks: produce.acks,
            });
        }
    }

    fn tell_fetched(&mut self, fetch: &FetchResponse) {
        for result in &fetch.partitions {
            let partition = self.name(result.tp);
            if partition.starts_with("__") {
                continue;
            }
            if let Some(error) = result.error {
                let what = format!("it says {} for {partition}", error.name());
                self.fact(ProcessFact::Answers { what });
                continue;
            }
            if let Some((epoch, end_offset)) = result.diverging_epoch {
                let what = format!(
                    "it says that the logs of {partition} part: epoch {epoch} ended at {end_offset} on the leader"
                );
                self.fact(ProcessFact::Answers { what });
                continue;
            }
            let first =
                Batches::new(&result.records).flatten().next().map(|b| b.header.base_offset);
            self.fact(ProcessFact::FetchBrings {
                partition,
                records: records(&result.records),
                first_offset: first.unwrap_or(-1),
                high_watermark: result.high_watermark,
            });
        }
    }

    fn tell_answered(&mut self, produce: &ProduceResponse) {
        for result in &produce.partitions {
            let partition = self.name(result.tp);
            let what = match result.error {
                Some(error) => {
                    format!("it refuses the batch for {partition} with {}", error.name())
                }
                None => format!(
                    "it acknowledges the batch at offset {} of {partition}",
                    result.base_offset
                ),
            };
            self.fact(ProcessFact::Answers { what });
        }
    }
}

fn records(bytes: &Bytes) -> u64 {
    let counts = Batches::new(bytes).flatten().map(|b| b.header.records_count);
    counts.map(|n| u64::try_from(n).unwrap_or(0)).sum()
}
