//! What the user of a client can ask of it: the application's side of producer, consumer and admin.

use crate::{
    AlterConfigsRequest, CreatePartitionsRequest, CreateTopicsRequest, ElectionType, Name,
};
use highwater_log::{Bytes, Offset};

/// Asked of a client process.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Command {
    /// Producer: send this record.
    Send {
        topic: Name,
        /// Explicit partition; `None` = partitioner.
        partition: Option<i32>,
        key: Option<Bytes>,
        value: Option<Bytes>,
        headers: Vec<(Name, Option<Bytes>)>,
    },
    /// Producer: close and send what is waiting.
    Flush,
    /// Producer: change its workload.
    SetWorkload(Workload),
    /// Consumer: commit positions now (`commitSync`), or these offsets.
    Commit(Option<Vec<(Name, i32, Offset)>>),
    /// Consumer: set the position.
    Seek { topic: Name, partition: i32, offset: Offset },
    /// Consumer: poll once now (when it polls by hand).
    Poll,
    /// Consumer: how long processing one record takes, in microseconds; `None` = polls only by hand.
    SetProcessing(Option<u64>),
    /// Consumer: close; `leave` = with LeaveGroup.
    Close { leave: bool },
    /// Admin.
    CreateTopic(CreateTopicsRequest),
    /// Admin.
    CreatePartitions(CreatePartitionsRequest),
    /// Admin; `None` = all partitions.
    ElectLeaders { election: ElectionType, partitions: Option<Vec<(Name, i32)>> },
    /// Admin.
    AlterConfigs(AlterConfigsRequest),
    /// Broker: controlled shutdown.
    ShutDown,
}

/// What a producer's application does by itself.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Workload {
    /// Topic to send to.
    pub topic: Option<Name>,
    /// Time between records in microseconds; 0 = none are sent.
    pub every_us: u64,
    /// Keys used in turn (`round`) or drawn (`random`); empty = no key.
    pub keys: Vec<Name>,
    /// Draw the key instead of going round.
    pub random_keys: bool,
    /// Bytes of each value.
    pub value_size: u32,
    /// Records left to send; `None` = without end.
    pub count: Option<u32>,
}
