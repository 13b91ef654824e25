export { digitalocean } from './server.js';
