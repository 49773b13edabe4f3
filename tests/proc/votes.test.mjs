/* Votes, and what a worker says of itself, over a WebSocket. */
import {voteTests} from '../lib/votes.mjs';

voteTests('websocket');
