import type { HrTime } from "@opentelemetry/api";

/** Both clocks read at one moment: CLOCK_REALTIME and CLOCK_MONOTONIC, which the kernel's stamps are of. */
export interface ClockPair {
  readonly realtimeSeconds: number;
  readonly realtimeNanos: number;
  readonly monotonicSeconds: number;
  readonly monotonicNanos: number;
}

const nanosecondsPerSecond = 1e9;

/** As the kernel's stamps are. */
export function monotonicNs({ monotonicSeconds, monotonicNanos }: ClockPair): number {
  return monotonicSeconds * nanosecondsPerSecond + monotonicNanos;
}

/**
 * Turns the kernel's CLOCK_MONOTONIC stamps into time since the epoch. The distance of the two clocks moves with NTP
 * and at each suspend, so it is set anew before each drain. CLOCK_BOOTTIME would run on through a suspend, the stamps don't.
 */
export class Clock {
  #seconds = 0;
  #nanoseconds = 0;

  constructor(now: ClockPair) {
    this.refresh(now);
  }

  refresh(now: ClockPair): void {
    this.#seconds = now.realtimeSeconds - now.monotonicSeconds;
    this.#nanoseconds = now.realtimeNanos - now.monotonicNanos;
  }

  /**
   * `monotonic` in nanoseconds. Exact to the nanosecond up to 2^53 ns, which is 104 days of uptime; a number that
   * large was rounded by its reader already, to 4 ns after a year.
   */
  toHrTime(monotonic: number): HrTime {
    const seconds = Math.floor(monotonic / nanosecondsPerSecond);
    const nanoseconds = monotonic - seconds * nanosecondsPerSecond + this.#nanoseconds;
    const carry = Math.floor(nanoseconds / nanosecondsPerSecond);
    return [this.#seconds + seconds + carry, nanoseconds - carry * nanosecondsPerSecond];
  }
}
