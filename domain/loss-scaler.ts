/**
 * How a loss scale moves, as in torch's GradScaler. Gradients too small for half precision vanish; multiplying the loss
 * with a scale lifts them all, and they are divided by it before the optimizer's step.
 */
export interface LossScaling {
  readonly initial: number;
  /** What the scale is multiplied with after `growthInterval` steps without an overflow. */
  readonly growthFactor: number;
  /** What it is multiplied with after a step whose gradients were not finite. */
  readonly backoffFactor: number;
  readonly growthInterval: number;
  /** Below 1 a scale would lose what it is there to keep; what still overflows then has another cause. */
  readonly min: number;
  /** Above this, a growing scale would do nothing but bring about the overflows that it backs off from. */
  readonly max: number;
}

/**
 * The originals' settings. All are powers of two, so that in single precision the scaled and unscaled gradients agree
 * to the last bit.
 */
export const lossScaling: LossScaling = {
  initial: 65_536,
  growthFactor: 2,
  backoffFactor: 0.5,
  growthInterval: 2000,
  min: 1,
  max: 2 ** 24,
};

/** All that a checkpoint has to keep of a scaler. */
export interface LossScalerState {
  readonly scale: number;
  /** Steps without an overflow since the scale last changed. */
  readonly goodSteps: number;
}

/** What one step did to the scale. */
export interface LossScaleStep {
  readonly before: number;
  readonly after: number;
  /** Gradients that are not finite are no step of the optimizer's. */
  readonly skipped: boolean;
}

/** A loss scale from step to step. */
export class LossScaler {
  readonly settings: LossScaling;
  #scale: number;
  #goodSteps: number;

  /** @throws RangeError for settings that no scale can follow */
  constructor(settings: LossScaling, state: LossScalerState = { scale: settings.initial, goodSteps: 0 }) {
    const { min, max, growthFactor, backoffFactor, growthInterval } = settings;
    const sound = min > 0 && min <= max && growthFactor >= 1 && backoffFactor > 0 && backoffFactor < 1;
    if (!sound || !Number.isInteger(growthInterval) || growthInterval < 1)
      throw new RangeError('a loss scale like this');
    this.settings = settings;
    this.#scale = this.#within(state.scale);
    this.#goodSteps = state.goodSteps;
  }

  /** What the next step's loss is multiplied with. */
  get scale(): number {
    return this.#scale;
  }

  get state(): LossScalerState {
    return { scale: this.#scale, goodSteps: this.#goodSteps };
  }

  /** Takes note of a step. @param finite whether all of its scaled gradients were finite */
  update(finite: boolean): LossScaleStep {
    const { growthFactor, backoffFactor, growthInterval } = this.settings;
    const before = this.#scale;
    if (!finite) {
      this.#scale = this.#within(before * backoffFactor);
      this.#goodSteps = 0;
      return { before, after: this.#scale, skipped: true };
    }
    this.#goodSteps += 1;
    if (this.#goodSteps === growthInterval) {
      this.#scale = this.#within(before * growthFactor);
      this.#goodSteps = 0;
    }
    return { before, after: this.#scale, skipped: false };
  }

  #within(scale: number): number {
    const { min, max } = this.settings;
    return Math.min(max, Math.max(min, scale));
  }
}
