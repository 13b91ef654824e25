export { testing } from './testing.skill.js';
