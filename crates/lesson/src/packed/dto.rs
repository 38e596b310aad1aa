//! What is on the wire of the packed form. Plain copies, so that engine types carry no serde; actions
//! travel as their text.

use super::PackError;
use crate::{Block, Inline, Lesson, Question, Step, Task, grammar};
use highwater_cluster::{Name, Span, Time, Workload};
use highwater_sim::{
    Action, BrokerSpec, ConsumerSpec, NetworkSpec, ProducerSpec, Scenario, TopicSpec,
};
use serde::{Deserialize, Serialize};

type Pairs = Vec<(String, String)>;

#[derive(Serialize, Deserialize)]
struct LessonDto {
    id: String,
    title: String,
    summary: String,
    scenario: ScenarioDto,
    begin: String,
    steps: Vec<StepDto>,
    tasks: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct ScenarioDto {
    id: String,
    title: String,
    assumptions: Vec<String>,
    seed: u64,
    settings: Pairs,
    brokers: Vec<(i32, Option<String>)>,
    topics: Vec<TopicDto>,
    producers: Vec<ProducerDto>,
    consumers: Vec<ConsumerDto>,
    network: (u64, u64),
    script: Vec<(u64, String)>,
    until_us: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct TopicDto {
    name: String,
    partitions: i32,
    replication_factor: i16,
    assignments: Vec<Vec<i32>>,
    configs: Pairs,
}

#[derive(Serialize, Deserialize)]
struct ProducerDto {
    settings: Pairs,
    topic: Option<String>,
    every_us: u64,
    keys: Vec<String>,
    random_keys: bool,
    value_size: u32,
    count: Option<u32>,
    start_us: u64,
}

#[derive(Serialize, Deserialize)]
struct ConsumerDto {
    group: String,
    topics: Vec<String>,
    settings: Pairs,
    processing_us: Option<u64>,
    start_us: u64,
}

#[derive(Serialize, Deserialize)]
struct StepDto {
    id: String,
    title: String,
    say: Vec<BlockDto>,
    line: String,
    view: String,
    focus: Vec<String>,
    hide: Vec<String>,
    actions: Vec<String>,
    until: String,
    ask: Option<QuestionDto>,
    notes: String,
}

#[derive(Serialize, Deserialize)]
struct QuestionDto {
    text: String,
    value: String,
    actions: Vec<String>,
    reveal: String,
    choices: Vec<(String, String)>,
    why: Vec<BlockDto>,
}

#[derive(Serialize, Deserialize)]
enum BlockDto {
    Paragraph(Vec<InlineDto>),
    List { numbered: bool, items: Vec<Vec<InlineDto>> },
    Code(String),
}

#[derive(Serialize, Deserialize)]
enum InlineDto {
    Text(String),
    Strong(String),
    Code(String),
    Link { text: String, to: String },
}

/// The body of a packed file.
pub fn encode(lesson: &Lesson) -> Vec<u8> {
    let dto = LessonDto {
        id: lesson.id.clone(),
        title: lesson.title.clone(),
        summary: lesson.summary.clone(),
        scenario: scenario_dto(&lesson.scenario),
        begin: lesson.begin.clone(),
        steps: lesson.steps.iter().map(step_dto).collect(),
        tasks: lesson.tasks.iter().map(|t| (t.text.clone(), t.done.clone())).collect(),
    };
    postcard::to_allocvec(&dto).expect("writing to memory cannot fail")
}

/// The lesson of a body.
pub fn decode(body: &[u8]) -> Result<Lesson, PackError> {
    let (dto, rest): (LessonDto, _) =
        postcard::take_from_bytes(body).map_err(|_| PackError::Damaged)?;
    if !rest.is_empty() {
        return Err(PackError::Damaged);
    }
    Ok(Lesson {
        id: dto.id,
        title: dto.title,
        summary: dto.summary,
        scenario: scenario(dto.scenario)?,
        begin: dto.begin,
        steps: dto.steps.into_iter().map(step).collect::<Result<_, _>>()?,
        tasks: dto.tasks.into_iter().map(|(text, done)| Task { text, done }).collect(),
    })
}

fn scenario_dto(s: &Scenario) -> ScenarioDto {
    ScenarioDto {
        id: s.id.clone(),
        title: s.title.clone(),
        assumptions: s.assumptions.clone(),
        seed: s.seed,
        settings: texts(&s.settings),
        brokers: s.brokers.iter().map(|b| (b.id, b.rack.as_deref().map(str::to_owned))).collect(),
        topics: s
            .topics
            .iter()
            .map(|t| TopicDto {
                name: t.name.clone(),
                partitions: t.partitions,
                replication_factor: t.replication_factor,
                assignments: t.assignments.clone(),
                configs: texts(&t.configs),
            })
            .collect(),
        producers: s.producers.iter().map(producer_dto).collect(),
        consumers: s
            .consumers
            .iter()
            .map(|c| ConsumerDto {
                group: c.group.to_string(),
                topics: c.topics.iter().map(|t| t.to_string()).collect(),
                settings: texts(&c.settings),
                processing_us: c.processing.map(|s| s.0),
                start_us: c.start.0,
            })
            .collect(),
        network: (s.network.latency.0, s.network.jitter.0),
        script: s.script.iter().map(|(at, a)| (at.0, grammar::action_text(a))).collect(),
        until_us: s.until.map(|t| t.0),
    }
}

fn producer_dto(p: &ProducerSpec) -> ProducerDto {
    ProducerDto {
        settings: texts(&p.settings),
        topic: p.workload.topic.as_deref().map(str::to_owned),
        every_us: p.workload.every_us,
        keys: p.workload.keys.iter().map(|k| k.to_string()).collect(),
        random_keys: p.workload.random_keys,
        value_size: p.workload.value_size,
        count: p.workload.count,
        start_us: p.start.0,
    }
}

fn scenario(dto: ScenarioDto) -> Result<Scenario, PackError> {
    let mut script = Vec::with_capacity(dto.script.len().min(1024));
    for (at, text) in dto.script {
        script.push((Time(at), action(&text)?));
    }
    Ok(Scenario {
        id: dto.id,
        title: dto.title,
        assumptions: dto.assumptions,
        seed: dto.seed,
        settings: names(dto.settings),
        brokers: dto
            .brokers
            .into_iter()
            .map(|(id, rack)| BrokerSpec { id, rack: rack.map(Name::from) })
            .collect(),
        topics: dto
            .topics
            .into_iter()
            .map(|t| TopicSpec {
                name: t.name,
                partitions: t.partitions,
                replication_factor: t.replication_factor,
                assignments: t.assignments,
                configs: names(t.configs),
            })
            .collect(),
        producers: dto.producers.into_iter().map(producer).collect(),
        consumers: dto
            .consumers
            .into_iter()
            .map(|c| ConsumerSpec {
                group: c.group.into(),
                topics: c.topics.into_iter().map(Name::from).collect(),
                settings: names(c.settings),
                processing: c.processing_us.map(Span),
                start: Time(c.start_us),
            })
            .collect(),
        network: NetworkSpec { latency: Span(dto.network.0), jitter: Span(dto.network.1) },
        script,
        until: dto.until_us.map(Time),
    })
}

fn producer(dto: ProducerDto) -> ProducerSpec {
    ProducerSpec {
        settings: names(dto.settings),
        workload: Workload {
            topic: dto.topic.map(Name::from),
            every_us: dto.every_us,
            keys: dto.keys.into_iter().map(Name::from).collect(),
            random_keys: dto.random_keys,
            value_size: dto.value_size,
            count: dto.count,
        },
        start: Time(dto.start_us),
    }
}

fn step_dto(s: &Step) -> StepDto {
    StepDto {
        id: s.id.clone(),
        title: s.title.clone(),
        say: s.say.iter().map(block_dto).collect(),
        line: s.line.clone(),
        view: s.view.clone(),
        focus: s.focus.clone(),
        hide: s.hide.clone(),
        actions: s.actions.iter().map(grammar::action_text).collect(),
        until: s.until.clone(),
        ask: s.ask.as_ref().map(|q| QuestionDto {
            text: q.text.clone(),
            value: q.value.clone(),
            actions: q.actions.iter().map(grammar::action_text).collect(),
            reveal: q.reveal.clone(),
            choices: q.choices.clone(),
            why: q.why.iter().map(block_dto).collect(),
        }),
        notes: s.notes.clone(),
    }
}

fn question(dto: QuestionDto) -> Result<Question, PackError> {
    Ok(Question {
        text: dto.text,
        value: dto.value,
        actions: dto.actions.iter().map(|text| action(text)).collect::<Result<_, _>>()?,
        reveal: dto.reveal,
        choices: dto.choices,
        why: dto.why.into_iter().map(block).collect(),
    })
}

fn step(dto: StepDto) -> Result<Step, PackError> {
    Ok(Step {
        id: dto.id,
        title: dto.title,
        say: dto.say.into_iter().map(block).collect(),
        line: dto.line,
        view: dto.view,
        focus: dto.focus,
        hide: dto.hide,
        actions: dto.actions.iter().map(|text| action(text)).collect::<Result<_, _>>()?,
        until: dto.until,
        ask: dto.ask.map(question).transpose()?,
        notes: dto.notes,
    })
}

fn block_dto(b: &Block) -> BlockDto {
    match b {
        Block::Paragraph(inline) => BlockDto::Paragraph(inline.iter().map(inline_dto).collect()),
        Block::List { numbered, items } => BlockDto::List {
            numbered: *numbered,
            items: items.iter().map(|i| i.iter().map(inline_dto).collect()).collect(),
        },
        Block::Code(text) => BlockDto::Code(text.clone()),
    }
}

fn block(dto: BlockDto) -> Block {
    match dto {
        BlockDto::Paragraph(inline) => Block::Paragraph(inline.into_iter().map(inlined).collect()),
        BlockDto::List { numbered, items } => Block::List {
            numbered,
            items: items.into_iter().map(|i| i.into_iter().map(inlined).collect()).collect(),
        },
        BlockDto::Code(text) => Block::Code(text),
    }
}

fn inline_dto(i: &Inline) -> InlineDto {
    match i {
        Inline::Text(text) => InlineDto::Text(text.clone()),
        Inline::Strong(text) => InlineDto::Strong(text.clone()),
        Inline::Code(text) => InlineDto::Code(text.clone()),
        Inline::Link { text, to } => InlineDto::Link { text: text.clone(), to: to.clone() },
    }
}

fn inlined(dto: InlineDto) -> Inline {
    match dto {
        InlineDto::Text(text) => Inline::Text(text),
        InlineDto::Strong(text) => Inline::Strong(text),
        InlineDto::Code(text) => Inline::Code(text),
        InlineDto::Link { text, to } => Inline::Link { text, to },
    }
}

fn action(text: &str) -> Result<Action, PackError> {
    grammar::action(text).map_err(|e| PackError::Content(format!("action \"{text}\": {e}")))
}

fn texts(pairs: &[(Name, Name)]) -> Pairs {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn names(pairs: Pairs) -> Vec<(Name, Name)> {
    pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}
