// What a walk through the sandbox needs besides the API: somebody who plays Alipay's staff and the buyer, and a server
// that receives webhooks.
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {setTimeout as after} from 'node:timers/promises';
import {Webhook} from 'standardwebhooks';

const patience = 120_000; // milliseconds: far beyond what is needed, so that only what never comes fails

export function required(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set`);
  return value;
}

// approve waits for the only application of the Alipay app at the simulator's desk, and approves it.
export async function approve(appId: string): Promise<void> {
  const desk = required('SIMULATOR') + '/desk/api';
  for (const end = Date.now() + patience; Date.now() < end; await after(100)) {
    const {applications: [application]} = await (await fetch(`${desk}/applications?app_id=${appId}`)).json();
    if (!application) continue;
    const answer = await fetch(`${desk}/applications/${application.order_id}/approve`,
      {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'});
    if (!answer.ok) throw new Error(`approve: ${answer.status} ${await answer.text()}`);
    return;
  }
  throw new Error('the application did not arrive at the desk');
}

// pay is what the buyer does at the cashier.
export async function pay(url: string): Promise<void> {
  const body = new URLSearchParams({action: 'pay', password: '111111'});
  const answer = await fetch(url, {method: 'POST', body, redirect: 'manual'});
  if (answer.status >= 400) throw new Error(`pay: ${answer.status} ${await answer.text()}`);
}

// papers are the images that an application of an enterprise needs; image is 8 × 8 grey points.
export const papers = ['cert_image', 'legal_cert_front_image', 'legal_cert_back_image', 'out_door_image',
  'in_door_image', 'qualification_image'] as const;
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAADklEQVR42mNogAIGyhgAgIQgARDoahcAAAAASUVORK5CYII=';
export const image = () => new Blob([Buffer.from(png, 'base64')], {type: 'image/png'});

// An event as a webhook tells of it.
export type Told = {id: string; type: string; data: Record<string, unknown>};

// Receiver is the server that webhooks are sent to. It believes only what is signed with the endpoint's secret.
export class Receiver {
  private readonly told: Told[] = [];
  private webhook?: Webhook;
  private fault?: unknown;
  private constructor(private readonly server: Server) {}

  static async listen(): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    const receiver = new Receiver(server);
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      try {
        const headers = request.headers as Record<string, string>;
        const event = receiver.webhook!.verify(body, headers) as Told;
        receiver.refusesForgery(body, headers);
        receiver.told.push(event);
        response.writeHead(204).end();
      } catch (e) {
        receiver.fault = e;
        response.writeHead(400).end();
      }
    });
    return receiver;
  }

  get url(): string { return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhooks`; }

  trust(secret: string): void { this.webhook = new Webhook(secret); }

  // heard waits for an event of the type.
  async heard(type: string): Promise<Told> {
    for (const end = Date.now() + patience; Date.now() < end; await after(50)) {
      if (this.fault) throw this.fault;
      const event = this.told.find(e => e.type === type);
      if (event) return event;
    }
    throw new Error(`no ${type}; heard: ${this.told.map(e => e.type)}`);
  }

  close(): void { this.server.close(); this.server.closeAllConnections(); }

  private refusesForgery(body: string, headers: Record<string, string>): void {
    try {
      this.webhook!.verify(body + ' ', headers);
    } catch {
      return;
    }
    throw new Error('a changed body was verified');
  }
}
