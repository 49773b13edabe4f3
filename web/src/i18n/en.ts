/** All words in English. The build puts in their table, so that no other language comes along. */

import { tableOf } from "./areas";

export default tableOf("en");
