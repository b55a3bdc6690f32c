import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What the model server counts. */
export interface ServerMetrics {
  /** By route, method and status; refusals by their code. */
  readonly requests: Counter<'route' | 'method' | 'status' | 'code'>;
  readonly duration: Histogram<'route'>;
  readonly served: Counter;
  readonly received: Counter;
  readonly modelVersion: Gauge;
}

export function serverMetrics(registry: Registry): ServerMetrics {
  const registers = [registry];
  return {
    requests: new Counter({
      name: 'ostinato_server_requests_total',
      help: 'Requests answered by the model server',
      labelNames: ['route', 'method', 'status', 'code'],
      registers,
    }),
    duration: new Histogram({
      name: 'ostinato_server_request_seconds',
      help: 'Seconds from a request to the end of its answer',
      labelNames: ['route'],
      buckets: [0.005, 0.05, 0.5, 2, 10, 60, 300],
      registers,
    }),
    served: new Counter({ name: 'ostinato_server_sent_bytes_total', help: 'Bytes of models sent', registers }),
    received: new Counter({
      name: 'ostinato_server_accepted_bytes_total',
      help: 'Bytes of submissions accepted',
      registers,
    }),
    modelVersion: new Gauge({
      name: 'ostinato_server_model_version',
      help: 'Version of the model being served; absent before the first',
      registers,
    }),
  };
}
