//! The broker: replicas as leader and follower, and the requests of clients.
