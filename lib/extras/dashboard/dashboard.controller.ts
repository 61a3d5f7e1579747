import { Get, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import { InvalidScheduleException, PyncetteException, TaskNotFoundException } from '../../core/errors.js';
import { DashboardActions } from './dashboard-actions.js';
import { DashboardGuard } from './dashboard.guard.js';
import { DashboardQueries } from './dashboard-queries.js';
import type { DashboardSettings } from './dashboard-settings.js';
import { DASHBOARD_SETTINGS } from './dashboard.constants.js';
import { EventStreams } from './live/event-streams.js';
import { PageFiles } from './page-files.js';
import { isForeignRead, whyForged } from './same-origin.js';
import { type WebRequest, webRequest } from './web-request.js';
import { answer, answerJson } from './web-response.js';

/** The dashboard's routes. Requests and responses are read and written here: no pipe, no interceptor has a part in them. */
@UseGuards(DashboardGuard)
export abstract class DashboardController {
  @Inject(PageFiles) private readonly files!: PageFiles;
  @Inject(DashboardQueries) private readonly queries!: DashboardQueries;
  @Inject(DashboardActions) private readonly actions!: DashboardActions;
  @Inject(EventStreams) private readonly streams!: EventStreams;
  @Inject(DASHBOARD_SETTINGS) private readonly settings!: DashboardSettings;

  @Get()
  page(@Req() request: unknown, @Res() response: unknown): void {
    answer(response, this.files.page(webRequest(request)));
  }

  @Get('assets/:file')
  asset(@Req() request: unknown, @Res() response: unknown): void {
    const file = this.files.asset(webRequest(request));
    if (file === null) answerJson(response, 404, { message: 'There is no such file' });
    else answer(response, file);
  }

  @Get('api/events')
  events(@Req() request: unknown, @Res() response: unknown): void {
    const web = webRequest(request);
    if (isForeignRead(web)) return refuseForeign(response);
    this.streams.open(web, response);
  }

  @Get('api/overview')
  overview(@Req() request: unknown, @Res() response: unknown): Promise<void> {
    return this.read(request, response, () => this.queries.overview());
  }

  @Get('api/timeline')
  timeline(@Req() request: unknown, @Res() response: unknown): Promise<void> {
    return this.read(request, response, (query) => this.queries.timeline(query));
  }

  @Get('api/instances')
  instances(@Req() request: unknown, @Res() response: unknown): Promise<void> {
    return this.read(request, response, (query) => this.queries.instances(query));
  }

  @Get('api/count')
  count(@Req() request: unknown, @Res() response: unknown): Promise<void> {
    return this.read(request, response, (query) => this.queries.count(query));
  }

  @Get('api/instance')
  instance(@Req() request: unknown, @Res() response: unknown): Promise<void> {
    return this.read(request, response, (query) => this.queries.instance(query));
  }

  @Get('api/history')
  history(@Req() request: unknown, @Res() response: unknown): Promise<void> {
    return this.read(request, response, (query) => this.queries.history(query));
  }

  @Post('api/actions/:name')
  async act(@Req() request: unknown, @Res() response: unknown): Promise<void> {
    const web = webRequest(request);
    const forged = whyForged(web);
    if (forged !== null) return answerJson(response, 403, { message: `The request is refused: ${forged}` });
    if (this.settings.readOnly)
      return answerJson(response, 403, { message: 'This dashboard is read only: nothing was changed' });
    const name = web.url.split('?')[0]?.split('/').at(-1) ?? '';
    await reply(response, async () => this.actions.act(name, await web.body()));
  }

  private async read(
    request: unknown,
    response: unknown,
    ask: (query: WebRequest['query']) => Promise<unknown>,
  ): Promise<void> {
    const web = webRequest(request);
    if (isForeignRead(web)) return refuseForeign(response);
    await reply(response, () => ask(web.query));
  }
}

const refuseForeign = (response: unknown): void =>
  answerJson(response, 403, { message: 'The request is refused: it comes from another site' });

/** What goes wrong is told to who asked, and written nowhere: its message may hold the application's data. */
async function reply(response: unknown, ask: () => Promise<unknown>): Promise<void> {
  let [status, value]: [number, unknown] = [200, null];
  try {
    value = await ask();
  } catch (error) {
    [status, value] = [statusOf(error), { message: messageOf(error) }];
  }
  answerJson(response, status, value);
}

function statusOf(error: unknown): number {
  if (error instanceof TaskNotFoundException) return 404;
  if (error instanceof InvalidScheduleException || error instanceof RangeError) return 400;
  return error instanceof PyncetteException ? 503 : 500;
}

function messageOf(error: unknown): string {
  if (error instanceof PyncetteException || error instanceof RangeError) return error.message;
  return 'Something went wrong in the application';
}
