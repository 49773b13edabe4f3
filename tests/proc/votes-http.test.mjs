/* Votes, and what a worker says of itself, over plain HTTP. */
import {voteTests} from '../lib/votes.mjs';

voteTests('http');
