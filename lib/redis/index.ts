export {
  type RedisClientOptions,
  type RedisRepositoryOptions,
  type RedisScheduleOptions,
  type RedisUrlOptions,
  redisRepository,
} from './redis-repository.js';
