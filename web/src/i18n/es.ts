/** All words in Spanish. The build puts in their table, so that no other language comes along. */

import { tableOf } from "./areas";

export default tableOf("es");
