export * from './skills-mining.skill.js';
