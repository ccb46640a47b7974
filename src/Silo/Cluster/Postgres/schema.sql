-- The names of the columns are Orleans': its providers read them by name. Times are in UTC.
create table if not exists granary_cluster.schema_version (version integer primary key);

create table if not exists granary_cluster.orleansquery (
    querykey text primary key,
    querytext text not null
);

-- One row for each cluster. Every change of its members raises the version, and names the one that it is based on.
create table if not exists granary_cluster.membership_version (
    deploymentid text primary key,
    version integer not null default 0
);

create table if not exists granary_cluster.membership (
    deploymentid text not null,
    address text not null,
    port integer not null,
    generation integer not null,
    siloname text not null,
    hostname text not null,
    status integer not null,
    proxyport integer not null,
    suspecttimes text,
    starttime timestamptz not null,
    iamalivetime timestamptz not null,
    primary key (deploymentid, address, port, generation)
);

create table if not exists granary_cluster.reminder (
    serviceid text not null,
    grainid text not null,
    remindername text not null,
    starttime timestamptz not null,
    period bigint not null,
    grainhash integer not null,
    version integer not null,
    primary key (serviceid, grainid, remindername)
);

-- A silo reads the reminders of its own range of hashes.
create index if not exists reminder_by_hash on granary_cluster.reminder (serviceid, grainhash);

create table if not exists granary_cluster.grain_state (
    serviceid text not null,
    grainidhash integer not null,
    graintypehash integer not null,
    grainidn0 bigint not null,
    grainidn1 bigint not null,
    graintypestring text not null,
    grainidextensionstring text not null,
    payloadbinary bytea,
    modifiedon timestamptz not null,
    version integer not null
);

-- A key may be longer than an index takes, so its digest is in the index.
create unique index if not exists grain_state_key on granary_cluster.grain_state (
    grainidhash, graintypehash, grainidn0, grainidn1, graintypestring, md5(grainidextensionstring), serviceid
);
