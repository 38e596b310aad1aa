//! The scheduler with tiny processes: an asker that sends a Metadata request on command and a server
//! that answers after a wait, or at once.

use super::{Handled, Kernel};
use crate::network::Link;
use crate::{NEVER, NetworkSpec, ProcessState, TraceKind};
use highwater_cluster::*;
use highwater_log::Bytes;

const SERVER: NodeId = NodeId::Broker(1);
const CLIENT: NodeId = NodeId::Consumer(1);

#[derive(Clone, Debug, Default)]
struct Tiny {
    server: bool,
    answer_after_us: u64,
    waiting: Vec<(NodeId, Correlation)>,
    next: u64,
    log: Vec<String>,
}

impl Actor for Tiny {
    fn handle(&mut self, input: Input, ctx: &mut Context<'_>) {
        match input {
            Input::Start => {
                self.log.push("start".into());
                if self.server {
                    ctx.disk.append("t-0/0.log", &Bytes::from(&b"abc"[..])).unwrap();
                    ctx.set_timer(Timer::BrokerHeartbeat, ctx.now + Span(50_000));
                }
            }
            Input::Command(_) => {
                self.next += 1;
                ctx.send(SERVER, self.next, Request::Metadata(MetadataRequest { topics: None }));
            }
            Input::Message(m) if self.server => {
                self.waiting.push((m.from, m.correlation));
                ctx.set_timer(Timer::FetchWait(0), ctx.now + Span(self.answer_after_us));
            }
            Input::Message(m) => {
                self.log.push(format!("answer {} at {}", m.correlation, ctx.now.0))
            }
            Input::Timer(Timer::FetchWait(0)) => {
                for (to, correlation) in std::mem::take(&mut self.waiting) {
                    let answer = MetadataResponse { brokers: Vec::new(), topics: Vec::new() };
                    ctx.send(to, correlation, Response::Metadata(answer));
                }
            }
            Input::Timer(t) => self.log.push(format!("{t:?} at {}", ctx.now.0)),
            Input::Disconnected { correlation, .. } => {
                self.log.push(format!("disconnected {correlation} at {}", ctx.now.0));
            }
        }
    }
}

fn kernel(answer_after_us: u64) -> Kernel<Tiny> {
    let spec = NetworkSpec { latency: Span(1_000), jitter: Span(0) };
    let mut k = Kernel::new(spec, 1);
    k.add(SERVER, Tiny { server: true, answer_after_us, ..Tiny::default() }, Time(0));
    k.add(CLIENT, Tiny::default(), Time(0));
    run(&mut k, 0);
    k
}

fn ask(k: &mut Kernel<Tiny>) {
    k.schedule(k.now, crate::kernel::Due::Command(CLIENT, Command::Flush));
    run(k, k.now.0);
}

fn run(k: &mut Kernel<Tiny>, until: u64) {
    while k.next_at().is_some_and(|at| at.0 <= until) {
        k.step();
    }
    k.now = Time(until);
}

fn log(k: &Kernel<Tiny>, id: NodeId) -> Vec<&str> {
    let log = &k.node(id).unwrap().actor.log;
    log.iter().map(String::as_str).filter(|l| *l != "start").collect()
}

#[test]
fn a_request_takes_one_latency_each_way() {
    let mut k = kernel(5_000);
    ask(&mut k);
    run(&mut k, 40_000);
    assert_eq!(log(&k, CLIENT), ["answer 1 at 7000"]);
}

#[test]
fn a_crash_disconnects_after_one_latency_and_power_loss_never() {
    for (state, expected) in [
        (ProcessState::Crashed, vec!["disconnected 1 at 3000"]),
        (ProcessState::PoweredOff, vec![]),
    ] {
        let mut k = kernel(5_000);
        ask(&mut k);
        run(&mut k, 2_000);
        k.stop(SERVER, state);
        run(&mut k, 40_000);
        assert_eq!(log(&k, CLIENT), expected, "{state:?}");
    }
}

#[test]
fn a_request_to_a_dead_process_is_reset_and_one_in_flight_told_once() {
    let mut k = kernel(5_000);
    ask(&mut k);
    k.stop(SERVER, ProcessState::Crashed);
    ask(&mut k);
    run(&mut k, 40_000);
    assert_eq!(log(&k, CLIENT), ["disconnected 1 at 1000", "disconnected 2 at 2000"]);
}

#[test]
fn an_answer_for_a_former_process_never_reaches_its_successor() {
    let mut k = kernel(5_000);
    ask(&mut k);
    run(&mut k, 2_000);
    k.stop(CLIENT, ProcessState::Crashed);
    k.restart(CLIENT, |_| Tiny::default());
    ask(&mut k);
    run(&mut k, 40_000);
    assert_eq!(log(&k, CLIENT).len(), 1, "only the new request is answered: {:?}", log(&k, CLIENT));
}

#[test]
fn timers_of_a_dead_process_never_fire_and_a_paused_one_fires_on_resume() {
    let mut k = kernel(0);
    k.pause(SERVER);
    run(&mut k, 80_000);
    assert_eq!(log(&k, SERVER), [""; 0]);
    k.resume(SERVER);
    run(&mut k, 80_000);
    assert_eq!(log(&k, SERVER), ["BrokerHeartbeat at 80000"]);

    let mut k = kernel(0);
    k.stop(SERVER, ProcessState::Crashed);
    run(&mut k, 80_000);
    assert_eq!(log(&k, SERVER), [""; 0]);
}

#[test]
fn a_paused_process_handles_what_waited_in_order() {
    let mut k = kernel(0);
    k.pause(SERVER);
    ask(&mut k);
    ask(&mut k);
    run(&mut k, 10_000);
    assert_eq!(k.node(SERVER).unwrap().waiting_inputs(), 2);
    k.resume(SERVER);
    run(&mut k, 40_000);
    assert_eq!(log(&k, CLIENT), ["answer 1 at 11000", "answer 2 at 11000"]);
}

#[test]
fn a_cut_link_holds_messages_until_it_is_mended_and_works_per_direction() {
    let mut k = kernel(0);
    k.set_link(SERVER, CLIENT, Link { cut: true, latency_us: None });
    ask(&mut k);
    run(&mut k, 20_000);
    assert_eq!(log(&k, CLIENT), [""; 0]);
    let held: Vec<_> = k.network.in_flight().map(|f| (f.arrives_at, f.message.from)).collect();
    assert_eq!(held, [(NEVER, SERVER)], "the request went through, its answer waits");
    k.set_link(SERVER, CLIENT, Link::default());
    run(&mut k, 40_000);
    assert_eq!(log(&k, CLIENT), ["answer 1 at 21000"]);
}

#[test]
fn what_waits_at_a_cut_link_is_lost_with_the_power_of_its_sender() {
    for (state, answers) in [(ProcessState::Crashed, 1), (ProcessState::PoweredOff, 0)] {
        let mut k = kernel(5_000);
        ask(&mut k);
        k.set_link(SERVER, CLIENT, Link { cut: true, ..Link::default() });
        run(&mut k, 20_000);
        k.stop(SERVER, state);
        k.set_link(SERVER, CLIENT, Link::default());
        run(&mut k, 40_000);
        assert_eq!(log(&k, CLIENT).len(), answers, "{state:?}: {:?}", log(&k, CLIENT));
    }
}

#[test]
fn a_slow_link_slows_one_direction() {
    let mut k = kernel(0);
    k.set_link(CLIENT, SERVER, Link { cut: false, latency_us: Some(9_000) });
    ask(&mut k);
    run(&mut k, 40_000);
    assert_eq!(log(&k, CLIENT), ["answer 1 at 10000"]);
}

#[test]
fn a_dropped_message_breaks_its_connection() {
    let mut k = kernel(0);
    ask(&mut k);
    ask(&mut k);
    let first = k.network.in_flight().next().unwrap().id;
    k.drop_message(first);
    run(&mut k, 40_000);
    assert_eq!(log(&k, CLIENT), ["disconnected 1 at 1000", "disconnected 2 at 1000"]);
    assert_eq!(k.network.in_flight().count(), 0);
}

#[test]
fn a_delayed_message_holds_up_what_is_behind_it() {
    let mut k = kernel(0);
    ask(&mut k);
    ask(&mut k);
    let first = k.network.in_flight().next().unwrap().id;
    k.delay_message(first, 5_000);
    run(&mut k, 40_000);
    assert_eq!(log(&k, CLIENT), ["answer 1 at 7000", "answer 2 at 7000"]);
}

#[test]
fn same_inputs_same_hash_and_a_clone_goes_the_same_way() {
    let run_it = |stop_at: Option<u64>| {
        let spec = NetworkSpec { latency: Span(1_000), jitter: Span(900) };
        let mut k = Kernel::new(spec, 9);
        k.add(SERVER, Tiny { server: true, answer_after_us: 10, ..Tiny::default() }, Time(0));
        k.add(CLIENT, Tiny::default(), Time(0));
        run(&mut k, 0);
        for _ in 0..10 {
            ask(&mut k);
            if stop_at == Some(k.handled) {
                k = k.clone();
            }
            let until = k.now.0 + 1_500;
            run(&mut k, until);
        }
        assert!(!k.records.iter().any(|r| matches!(r.what, TraceKind::Started)));
        k.hash()
    };
    let hash = run_it(None);
    for stop in 0..20 {
        assert_eq!(run_it(Some(stop)), hash);
    }
    let mut empty = kernel(0);
    empty.stop(SERVER, ProcessState::Crashed);
    while empty.next_at().is_some() {
        assert_ne!(empty.step(), Some(Handled::World(0)));
    }
    assert_eq!(empty.step(), None);
}
