/* Leases and tries of a worker over plain HTTP. */
import {leaseTests} from '../lib/lease.mjs';

leaseTests('http');
