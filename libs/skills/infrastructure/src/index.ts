export * from './infrastructure.skill.js';
