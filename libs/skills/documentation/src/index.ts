export * from './documentation.skill.js';
