/** The least time that a run can take: the slowest of Wiz at the configured pace, Port at its limit, and jq on one core. */

export interface Setting {
  wizLatencyMs: number
  wizRequestsPerSecond: number
  portLatencyMs: number
}

export interface Work {
  wizRequests: number
  portRequests: number
  issues: number
}

/** Port's published limit for bulk requests, and how many may come at once before it holds. */
const PORT_PER_SECOND = 35_000 / 300
const PORT_BURST = 3_500

/** What one core maps with the shipped mapping, in issues a second. */
const JQ_PER_SECOND = 5_300

export function boundSeconds(work: Work, setting: Setting): { seconds: number; what: string } {
  const wizInterval = Math.max(1 / setting.wizRequestsPerSecond, setting.wizLatencyMs / 1000)
  const bounds = [
    { what: 'Wiz', seconds: work.wizRequests * wizInterval },
    {
      what: 'Port',
      seconds: setting.portLatencyMs / 1000 + Math.max(0, work.portRequests - PORT_BURST) / PORT_PER_SECOND,
    },
    { what: 'jq', seconds: work.issues / JQ_PER_SECOND },
  ]
  return bounds.reduce((slowest, bound) => (bound.seconds > slowest.seconds ? bound : slowest))
}
