-- The queries that Orleans reads when a silo starts, by the names and with the parameters that it uses. Each is one
-- statement, so that it is atomic by itself. Each table has its schema: behind a pooler no search path is certain.
insert into granary_cluster.orleansquery (querykey, querytext) values

('InsertMembershipVersionKey', $$
with inserted as (
    insert into granary_cluster.membership_version (deploymentid) values (@DeploymentId)
    on conflict do nothing returning 1
)
select exists (select from inserted)
$$),

-- The row of the version is changed first: two changes that are based on one version meet there, and the second finds
-- the version raised.
('InsertMembershipKey', $$
with raised as (
    update granary_cluster.membership_version set version = version + 1
    where deploymentid = @DeploymentId and version = @Version
        and not exists (
            select from granary_cluster.membership
            where deploymentid = @DeploymentId and address = @Address and port = @Port and generation = @Generation
        )
    returning 1
), inserted as (
    insert into granary_cluster.membership (
        deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime
    )
    select
        @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime,
        @IAmAliveTime
    where exists (select from raised)
    returning 1
)
select exists (select from inserted)
$$),

('UpdateMembershipKey', $$
with raised as (
    update granary_cluster.membership_version set version = version + 1
    where deploymentid = @DeploymentId and version = @Version
        and exists (
            select from granary_cluster.membership
            where deploymentid = @DeploymentId and address = @Address and port = @Port and generation = @Generation
        )
    returning 1
), updated as (
    update granary_cluster.membership set status = @Status, suspecttimes = @SuspectTimes, iamalivetime = @IAmAliveTime
    where deploymentid = @DeploymentId and address = @Address and port = @Port and generation = @Generation
        and exists (select from raised)
    returning 1
)
select exists (select from updated)
$$),

('UpdateIAmAlivetimeKey', $$
update granary_cluster.membership set iamalivetime = @IAmAliveTime
where deploymentid = @DeploymentId and address = @Address and port = @Port and generation = @Generation
$$),

-- The version is read also where there is no such silo.
('MembershipReadRowKey', $$
select
    v.version, m.address, m.port, m.generation, m.siloname, m.hostname, m.status, m.proxyport, m.suspecttimes,
    m.starttime, m.iamalivetime
from granary_cluster.membership_version v
left join granary_cluster.membership m on m.deploymentid = v.deploymentid
    and m.address = @Address and m.port = @Port and m.generation = @Generation
where v.deploymentid = @DeploymentId
$$),

('MembershipReadAllKey', $$
select
    v.version, m.address, m.port, m.generation, m.siloname, m.hostname, m.status, m.proxyport, m.suspecttimes,
    m.starttime, m.iamalivetime
from granary_cluster.membership_version v
left join granary_cluster.membership m on m.deploymentid = v.deploymentid
where v.deploymentid = @DeploymentId
$$),

('GatewaysQueryKey', $$
select address, proxyport, generation from granary_cluster.membership
where deploymentid = @DeploymentId and status = @Status and proxyport > 0
$$),

('DeleteMembershipTableEntriesKey', $$
with members as (delete from granary_cluster.membership where deploymentid = @DeploymentId)
delete from granary_cluster.membership_version where deploymentid = @DeploymentId
$$),

-- 6 is Orleans' status of a dead silo.
('CleanupDefunctSiloEntriesKey', $$
delete from granary_cluster.membership
where deploymentid = @DeploymentId and status = 6 and iamalivetime < @IAmAliveTime
$$),

('CleanupDefunctSiloEntryKey', $$
delete from granary_cluster.membership
where deploymentid = @DeploymentId and address = @Address and port = @Port and generation = @Generation
    and status = 6 and starttime = @StartTime and iamalivetime = @IAmAliveTime
    and suspecttimes is not distinct from @SuspectTimes
$$),

('UpsertReminderRowKey', $$
insert into granary_cluster.reminder as old (serviceid, grainid, remindername, starttime, period, grainhash, version)
values (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
on conflict (serviceid, grainid, remindername) do update
set starttime = excluded.starttime, period = excluded.period, grainhash = excluded.grainhash,
    version = old.version + 1
returning version
$$),

('ReadReminderRowsKey', $$
select grainid, remindername, starttime, period, version from granary_cluster.reminder
where serviceid = @ServiceId and grainid = @GrainId
$$),

('ReadReminderRowKey', $$
select grainid, remindername, starttime, period, version from granary_cluster.reminder
where serviceid = @ServiceId and grainid = @GrainId and remindername = @ReminderName
$$),

-- Hashes are on a ring: the first range does not go over its end, the second one does.
('ReadRangeRows1Key', $$
select grainid, remindername, starttime, period, version from granary_cluster.reminder
where serviceid = @ServiceId and grainhash > @BeginHash and grainhash <= @EndHash
$$),

('ReadRangeRows2Key', $$
select grainid, remindername, starttime, period, version from granary_cluster.reminder
where serviceid = @ServiceId and (grainhash > @BeginHash or grainhash <= @EndHash)
$$),

('DeleteReminderRowKey', $$
with deleted as (
    delete from granary_cluster.reminder
    where serviceid = @ServiceId and grainid = @GrainId and remindername = @ReminderName and version = @Version
    returning 1
)
select exists (select from deleted)
$$),

('DeleteReminderRowsKey', $$
delete from granary_cluster.reminder where serviceid = @ServiceId
$$),

('ReadFromStorageKey', $$
select payloadbinary, version from granary_cluster.grain_state
where grainidhash = @GrainIdHash and graintypehash = @GrainTypeHash and grainidn0 = @GrainIdN0
    and grainidn1 = @GrainIdN1 and graintypestring = @GrainTypeString
    and grainidextensionstring = coalesce(@GrainIdExtensionString, '') and serviceid = @ServiceId
$$),

-- No row is answered where the state is of another version: Orleans reports it as inconsistent.
('WriteToStorageKey', $$
with updated as (
    update granary_cluster.grain_state set payloadbinary = @PayloadBinary, modifiedon = now(), version = version + 1
    where grainidhash = @GrainIdHash and graintypehash = @GrainTypeHash and grainidn0 = @GrainIdN0
        and grainidn1 = @GrainIdN1 and graintypestring = @GrainTypeString
        and grainidextensionstring = coalesce(@GrainIdExtensionString, '') and serviceid = @ServiceId
        and version = @GrainStateVersion
    returning version
), inserted as (
    insert into granary_cluster.grain_state (
        serviceid, grainidhash, graintypehash, grainidn0, grainidn1, graintypestring, grainidextensionstring,
        payloadbinary, modifiedon, version
    )
    select
        @ServiceId, @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, @GrainTypeString,
        coalesce(@GrainIdExtensionString, ''), @PayloadBinary, now(), 1
    where @GrainStateVersion is null
    on conflict do nothing
    returning version
)
select version as newgrainstateversion from updated
union all
select version as newgrainstateversion from inserted
$$),

('ClearStorageKey', $$
update granary_cluster.grain_state set payloadbinary = null, modifiedon = now(), version = version + 1
where grainidhash = @GrainIdHash and graintypehash = @GrainTypeHash and grainidn0 = @GrainIdN0
    and grainidn1 = @GrainIdN1 and graintypestring = @GrainTypeString
    and grainidextensionstring = coalesce(@GrainIdExtensionString, '') and serviceid = @ServiceId
    and version = @GrainStateVersion
returning version as newgrainstateversion
$$)

on conflict (querykey) do update set querytext = excluded.querytext;
