// Bytes per second over the last few seconds: steady enough to read, quick enough to be true.

const WINDOW_MS = 6_000;
const LEAST_MS = 800;

export class Speedometer {
  private samples: { atMs: number; bytes: number }[] = [];

  reset(): void {
    this.samples = [];
  }

  /** Tells how many bytes are there now; answers bytes per second once there is enough to say so. */
  at(bytes: number, nowMs: number = performance.now()): number | null {
    this.samples = this.samples.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
    this.samples.push({ atMs: nowMs, bytes });
    const first = this.samples[0];
    if (first === undefined || nowMs - first.atMs < LEAST_MS) return null;
    return Math.max(0, ((bytes - first.bytes) * 1000) / (nowMs - first.atMs));
  }
}
