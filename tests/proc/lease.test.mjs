/* Leases and tries of a worker over a WebSocket. */
import {leaseTests} from '../lib/lease.mjs';

leaseTests('websocket');
