/** Numbers of one moment, by name. */
export interface MetricPoint {
  /** ISO time. */
  readonly at: string;
  readonly cycle: number;
  readonly group: number;
  /** Null for what belongs to no step. */
  readonly step: number | null;
  /** By names such as `train/loss`; finite all of them. */
  readonly values: Readonly<Record<string, number>>;
}

/**
 * Somewhere that numbers go. Taking one never fails and never waits: a full disk or a service that is away must not
 * hold up a training.
 */
export interface MetricSink {
  take(point: MetricPoint): void;
  /** Lets go what it holds, within a few seconds. */
  close(): Promise<void>;
}
