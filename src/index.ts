// Has to be evaluated before everything else.
import './preflight.ts'

import { main } from './main.ts'

await main()
