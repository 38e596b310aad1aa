/** A figure of Highwater. Every attribute is also a URL parameter; see docs/embedding.md. */
export type ReadyState = 'idle' | 'loading' | 'ready' | 'error';
export type StepUnit = 'moment' | 'event' | 'step' | 'marker';
/** `0`, `event:312`, `moment:40`, `step:4`, `marker:hw-moves`, `12.5s`. */
export type Place = string | number;

export interface StepDetail { step: number; steps: number; id: string; title: string }
export interface TimeDetail { event: number; time: number }
export interface QuestionDetail { text: string; choices: string[] }
export interface AnswerDetail { chosen: string | null; right: string; correct: boolean }
export interface MarkerDetail { name: string; time: number }

export interface HighwaterEventMap {
  'highwater-ready': CustomEvent<{ src: string; title: string }>;
  'highwater-error': CustomEvent<{ message: string }>;
  'highwater-play': CustomEvent<null>;
  'highwater-pause': CustomEvent<null>;
  'highwater-time': CustomEvent<TimeDetail>;
  'highwater-step': CustomEvent<StepDetail>;
  'highwater-marker': CustomEvent<MarkerDetail>;
  'highwater-question': CustomEvent<QuestionDetail>;
  'highwater-answer': CustomEvent<AnswerDetail>;
  'highwater-theme': CustomEvent<{ theme: string }>;
  'highwater-open': CustomEvent<{ src: string }>;
}

export interface Fact { text: string }
export interface Summary {
  event: number; time: number; seed: number; playing: boolean; selection: string | null;
  step: number; steps: number; lost: number; invariants_broken: number;
}

export class HighwaterPlayer extends HTMLElement {
  readonly readyState: ReadyState;
  readonly paused: boolean;
  /** Virtual time in seconds. */
  readonly currentTime: number;
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
  snapshot(kind?: 'svg'): Promise<string>;
  shareURL(): Promise<string>;
  suspend(): void;
  resume(): void;
  dispose(): void;
  addEventListener<K extends keyof HighwaterEventMap>(type: K, listener: (event: HighwaterEventMap[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}
export const PARAMETERS: Record<string, string | string[] | RegExp>;
export function readParameters(get: (name: string) => string | null): [Record<string, string>, string[]];

declare global {
  interface HTMLElementTagNameMap { 'highwater-player': HighwaterPlayer }
}
