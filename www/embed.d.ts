/** A figure of Highwater. Every attribute is also a URL parameter; see docs/embedding.md. */
export type ReadyState = 'idle' | 'loading' | 'ready' | 'error';
export type StepUnit = 'moment' | 'event' | 'step' | 'marker';
/** `0`, `event:312`, `moment:40`, `step:4`, `marker:hw-moves`, `12.5s`. */
export type Place = string | number;

export interface StepDetail { step: number; steps: number; id: string; title: string }
export interface TimeDetail { event: number; time: number }
export interface QuestionDetail { text: string; choices: string[] }
/** `chosen` is absent where nobody chose. */
export interface AnswerDetail { chosen?: string; right: string; correct: boolean }
/** A turning point passed on the way forward; `name` as in `at=marker:NAME`. */
export interface MarkerDetail { name: string; text: string; event: number; time: number }
/** One event of the world. `text` is empty where nothing came of it but messages and timers. At most 64 are told at once: `skipped` were passed over before it. */
export interface EventDetail { event: number; time: number; node: string; text: string; skipped: number }
/** A promise that the run broke. */
export interface InvariantDetail { name: string; text: string }
export interface ResizeDetail { width: number; height: number }

export interface HighwaterEventMap {
  'highwater-ready': CustomEvent<{ src: string; title: string }>;
  'highwater-error': CustomEvent<{ message: string }>;
  'highwater-play': CustomEvent<null>;
  'highwater-pause': CustomEvent<null>;
  'highwater-time': CustomEvent<TimeDetail>;
  'highwater-step': CustomEvent<StepDetail>;
  'highwater-marker': CustomEvent<MarkerDetail>;
  'highwater-event': CustomEvent<EventDetail>;
  'highwater-invariant': CustomEvent<InvariantDetail>;
  'highwater-resize': CustomEvent<ResizeDetail>;
  'highwater-question': CustomEvent<QuestionDetail>;
  'highwater-answer': CustomEvent<AnswerDetail>;
  'highwater-theme': CustomEvent<{ theme: string }>;
  'highwater-open': CustomEvent<{ src: string }>;
}

export interface Fact { text: string }
export interface Summary {
  event: number; time: number; seed: number; playing: boolean; selection?: string;
  step: number; steps: number; lost: number; invariants_broken: number;
}

/** `action` is what `act` takes. */
export interface Action { action: string; label: string }
export interface Invariant { name: string; text: string; holds: boolean; broken: string[] }
export type View = 'cluster' | 'log' | 'replicas' | 'group' | 'spacetime';
/** A state of a figure; plain data that can be stored. */
export interface State { highwater: 1; src: string; run: string; set?: string; view?: View; speed?: number; playing?: boolean; selection?: string | null }
/** A run as data; `highwater replay RUN` runs it again. `traceHash` is hexadecimal. */
export interface Run { highwater: 1; version: string; src: string; seed: number; set: string; run: string; event: number; time: number; traceHash: string; inputs: { event: number; action: string }[] }

export class HighwaterPlayer extends HTMLElement {
  readonly readyState: ReadyState;
  readonly paused: boolean;
  /** Virtual time in seconds. */
  readonly currentTime: number;
  /** 1/16 to 16; anything else is a RangeError. */
  speed: number;
  /** Address of the page that share links name; the folder of embed.js when absent. */
  pageUrl?: string;
  ready(): Promise<this>;
  load(): Promise<this>;
  play(): Promise<void>;
  pause(): Promise<void>;
  step(n?: number, unit?: StepUnit): Promise<void>;
  seek(to: Place): Promise<void>;
  state(path: string): Promise<string>;
  state(): Promise<Summary>;
  explain(what: string): Promise<Fact[]>;
  /** Text form of an action, as in scenario files: `crash broker 1`. */
  act(action: string): Promise<void>;
  /** What `act` would take now: of everything, or of `broker 1`, `p1`, `orders-0`, `message 12`, `broker 1 > broker 2`. Empty where `allow` has no `faults`. */
  enabled(what?: string): Promise<Action[]>;
  /** The promises that are watched all the time. */
  invariants(): Promise<Invariant[]>;
  getState(): Promise<State>;
  /** Goes to a state of the same `src`; an error changes nothing. */
  setState(state: State): Promise<void>;
  exportRun(): Promise<Run>;
  /** A picture that stands alone, with its styles inside. */
  snapshot(kind?: 'svg'): Promise<string>;
  shareURL(): Promise<string>;
  suspend(): void;
  resume(): void;
  /** Gives the engine back for good; the still picture stays. */
  dispose(): void;
  addEventListener<K extends keyof HighwaterEventMap>(type: K, listener: (event: HighwaterEventMap[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}
export const PARAMETERS: Record<string, string | string[] | RegExp>;
export function readParameters(get: (name: string) => string | null): [Record<string, string>, string[]];

declare global {
  interface HTMLElementTagNameMap { 'highwater-player': HighwaterPlayer }
}
