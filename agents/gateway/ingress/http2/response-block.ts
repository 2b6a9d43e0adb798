import type { Framing } from '../http1/head/framing.ts';
import { type Header, linesOf, type RawHeaders, readBlock } from './header-block.ts';

/** A response's head as HTTP/1.1 would have it. */
export interface ResponseBlock {
  /** How its body goes into HTTP/1.1. */
  framing: Framing;
  /** Not before another one. */
  isFinal: boolean;
  bytes: Buffer;
}

export interface Answered {
  method: string;
  /** No body follows. */
  ends: boolean;
}

/** Writes what a container answered as the head of HTTP/1.1, for whoever judges those. Undefined for what is none. */
export function responseHead(raw: RawHeaders, { method, ends }: Answered): ResponseBlock | undefined {
  const block = readBlock(raw);
  const status = block?.pseudo.get(':status') ?? '';
  if (!block || !/^[1-5]\d\d$/.test(status)) return undefined;
  const framing = framingOf(block.fields, bodiless(method, status), ends);
  const fields =
    framing === 'chunked' ? block.fields.filter(([name]) => name !== 'content-length') : block.fields;
  const text = `HTTP/1.1 ${status} \r\n${linesOf(fields)}${framingLine(framing, fields)}\r\n`;
  return { framing, isFinal: !status.startsWith('1'), bytes: Buffer.from(text, 'latin1') };
}

function bodiless(method: string, status: string): boolean {
  return method === 'HEAD' || status.startsWith('1') || status === '204' || status === '304';
}

/** HTTP/1.1 has trailers behind chunks only; who announces them, or speaks gRPC, means them. */
function framingOf(fields: readonly Header[], isBodiless: boolean, ends: boolean): Framing {
  if (isBodiless) return 'none';
  const headerOf = (wanted: string) => fields.find(([name]) => name === wanted)?.[1];
  const length = headerOf('content-length');
  if (ends) return Number(length ?? 0);
  const hasTrailers =
    headerOf('trailer') !== undefined || headerOf('content-type')?.startsWith('application/grpc');
  return length === undefined || hasTrailers ? 'chunked' : Number(length);
}

function framingLine(framing: Framing, fields: readonly Header[]): string {
  if (framing === 'chunked') return 'transfer-encoding: chunked\r\n';
  const isSaid = framing === 'none' || fields.some(([name]) => name === 'content-length');
  return isSaid ? '' : `content-length: ${framing}\r\n`;
}
