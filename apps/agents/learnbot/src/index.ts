export { learnbot } from './learnbot.js';
